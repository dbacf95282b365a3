const STYLED = ['fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'font-family', 'font-size', 'font-weight'];
const SHARP = 2;
const MOST_PIXELS = 12_000;

/** The picture as the text of an SVG file that looks everywhere as it looks here now. */
export function asSvg(svg: SVGSVGElement, width: number, height: number): string {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const here = svg.querySelectorAll<SVGElement>('path, text, g');
  copy.querySelectorAll<SVGElement>('path, text, g').forEach((element, index) => {
    const style = getComputedStyle(here[index]!);
    if (element.nodeName !== 'g') {
      STYLED.forEach(name => element.setAttribute(name, style.getPropertyValue(name)));
    }
    element.removeAttribute('style');
    element.removeAttribute('tabindex');
  });
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('viewBox', `-14 -14 ${width} ${height}`);
  copy.setAttribute('width', String(width));
  copy.setAttribute('height', String(height));
  copy.style.background = getComputedStyle(svg).backgroundColor;
  return new XMLSerializer().serializeToString(copy);
}

/** The picture as a PNG, twice as fine as on the screen unless that is too much. */
export async function asPng(text: string, width: number, height: number): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const scale = Math.min(SHARP, MOST_PIXELS / Math.max(width, height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.ceil(width * scale);
  canvas.height = Math.ceil(height * scale);
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) =>
    canvas.toBlob(
      blob => (blob ? resolve(blob) : reject(new Error('The picture is too large for a PNG.'))),
      'image/png'
    )
  );
}

/** Hands a file to whoever looks at the page. */
export function handOut(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

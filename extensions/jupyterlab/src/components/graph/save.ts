const STYLED = ['fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'font-family', 'font-size', 'font-weight'];
/** Pixels around the picture. */
const MARGIN = 14;
const SHARP = 2;
const MOST_PIXELS = 12_000;

/** The picture as the text of an SVG file that looks everywhere as it looks here now. */
export function asSvg(svg: SVGSVGElement, width: number, height: number): string {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const here = svg.querySelectorAll<SVGElement>('path, text, g');
  const looks = new Map<string, [string, string][]>(); // asking for the style of each of thousands takes seconds
  copy.querySelectorAll<SVGElement>('path, text, g').forEach((element, index) => {
    if (element.nodeName !== 'g') {
      const key = `${element.getAttribute('class')} in ${element.parentElement?.getAttribute('class')}`;
      const look = looks.get(key) ?? styleOf(here[index]!);
      looks.set(key, look);
      look.forEach(([name, value]) => element.setAttribute(name, value));
    }
    ['style', 'tabindex', 'aria-selected'].forEach(name => element.removeAttribute(name));
  });
  copy.removeAttribute('style');
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  const [wide, high] = [width + 2 * MARGIN, height + 2 * MARGIN];
  copy.setAttribute('viewBox', `${-MARGIN} ${-MARGIN} ${wide} ${high}`);
  copy.setAttribute('width', String(wide));
  copy.setAttribute('height', String(high));
  copy.style.background = getComputedStyle(svg.closest('.wb-GraphView') ?? svg).backgroundColor;
  return new XMLSerializer().serializeToString(copy);
}

function styleOf(element: SVGElement): [string, string][] {
  const style = getComputedStyle(element);
  return STYLED.map(name => [name, style.getPropertyValue(name)]);
}

/** The picture as a PNG, twice as fine as on the screen unless that is too much. */
export async function asPng(text: string, width: number, height: number): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const [wide, high] = [width + 2 * MARGIN, height + 2 * MARGIN];
  const scale = Math.min(SHARP, MOST_PIXELS / Math.max(wide, high));
  const canvas = document.createElement('canvas');
  canvas.width = Math.ceil(wide * scale);
  canvas.height = Math.ceil(high * scale);
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

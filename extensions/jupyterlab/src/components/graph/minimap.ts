import type { Camera, Size } from './camera';
import type { Scene } from './scene';

const NS = 'http://www.w3.org/2000/svg';

/** The whole picture small in a corner, with a frame around what is seen; a press goes there. */
export class Minimap {
  constructor(host: HTMLElement, go: (x: number, y: number) => void) {
    this.node = document.createElementNS(NS, 'svg');
    this.node.setAttribute('class', 'wb-GraphView-map');
    this.node.setAttribute('aria-hidden', 'true');
    this._boxes = document.createElementNS(NS, 'path');
    this._frame = document.createElementNS(NS, 'rect');
    this.node.append(this._boxes, this._frame);
    host.appendChild(this.node);
    const press = (event: PointerEvent) => {
      const matrix = this.node.getScreenCTM();
      if (event.buttons && matrix) {
        const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse());
        go(at.x, at.y);
      }
    };
    this.node.addEventListener('pointerdown', press);
    this.node.addEventListener('pointermove', press);
  }

  readonly node: SVGSVGElement;

  draw(scene: Scene, picture: Size): void {
    this.node.setAttribute('viewBox', `0 0 ${picture.width} ${picture.height}`);
    const parts = scene.boxes.map(box => `M${box.x} ${box.y}h${box.width}v${box.height}h${-box.width}z`);
    this._boxes.setAttribute('d', parts.join(''));
  }

  follow(camera: Camera, picture: Size, window: Size): void {
    const seen = { width: window.width / camera.scale, height: window.height / camera.scale };
    const place = { x: -camera.left / camera.scale, y: -camera.top / camera.scale, ...seen };
    Object.entries(place).forEach(([name, value]) => this._frame.setAttribute(name, String(value)));
    this.node.style.display = seen.width >= picture.width && seen.height >= picture.height ? 'none' : '';
  }

  private readonly _boxes: SVGPathElement;
  private readonly _frame: SVGRectElement;
}

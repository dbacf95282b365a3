import type { Camera, Size } from './camera';
import type { Scene } from './scene';
import { element } from './shapes';

/** The inside of the map in pixels, as the style sheet has it. */
const INSIDE: Size = { width: 158, height: 88 };

/** The whole picture small in a corner, with a frame around what is seen; a press goes there. */
export class Minimap {
  constructor(host: HTMLElement, go: (x: number, y: number) => void) {
    this.node = document.createElement('div');
    this.node.className = 'wb-GraphView-map';
    this.node.setAttribute('aria-hidden', 'true');
    this._picture = element('svg', { width: INSIDE.width, height: INSIDE.height });
    this._boxes = element('path');
    this._picture.append(this._boxes);
    this._frame = document.createElement('div');
    this.node.append(this._picture, this._frame);
    host.appendChild(this.node);
    const press = (event: PointerEvent) => {
      if (event.buttons) {
        const edge = this._picture.getBoundingClientRect();
        const { scale, left, top } = this._fit;
        go((event.clientX - edge.left - left) / scale, (event.clientY - edge.top - top) / scale);
      }
    };
    this.node.addEventListener('pointerdown', press);
    this.node.addEventListener('pointermove', press);
  }

  readonly node: HTMLElement;

  draw(scene: Scene, picture: Size): void {
    const scale = Math.min(INSIDE.width / Math.max(picture.width, 1), INSIDE.height / Math.max(picture.height, 1));
    this._fit = {
      scale,
      left: (INSIDE.width - picture.width * scale) / 2,
      top: (INSIDE.height - picture.height * scale) / 2
    };
    this._picture.setAttribute('viewBox', `0 0 ${Math.max(picture.width, 1)} ${Math.max(picture.height, 1)}`);
    const parts = scene.boxes.map(box => `M${box.x} ${box.y}h${box.width}v${box.height}h${-box.width}z`);
    this._boxes.setAttribute('d', parts.join(''));
  }

  /** Moves the frame, which is all that is drawn again when the picture is moved. */
  follow(camera: Camera, picture: Size, window: Size): void {
    const { scale, left, top } = this._fit;
    const seen = { width: window.width / camera.scale, height: window.height / camera.scale };
    const whole = seen.width >= picture.width && seen.height >= picture.height;
    if (whole !== this._hidden) {
      this._hidden = whole;
      this.node.style.display = whole ? 'none' : '';
    }
    const [x, y] = [left - (camera.left / camera.scale) * scale, top - (camera.top / camera.scale) * scale];
    const size = `scale(${(seen.width * scale) / INSIDE.width}, ${(seen.height * scale) / INSIDE.height})`;
    this._frame.style.transform = `translate(${x}px, ${y}px) ${size}`;
  }

  private readonly _picture: SVGSVGElement;
  private readonly _boxes: SVGPathElement;
  private readonly _frame: HTMLElement;
  private _fit: Camera = { left: 0, top: 0, scale: 1 };
  private _hidden: boolean | undefined;
}

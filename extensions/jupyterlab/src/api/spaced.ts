/** Does something when it is wanted: one at a time, and the next no sooner than `pause` milliseconds after the last. */
export class Spaced {
  private _wanted = false;
  private _busy = false;
  private _over = false;
  private _timer: ReturnType<typeof setTimeout> | undefined;

  /** `act` tells of its own errors, and does not reject. */
  constructor(
    private readonly _act: () => Promise<void>,
    private readonly _pause: number
  ) {}

  /** At once if nothing is under way and the pause is over, else once after both. */
  want(): void {
    this._wanted = true;
    if (!this._busy && this._timer === undefined) {
      void this._go();
    }
  }

  /** Nothing is begun any more. */
  stop(): void {
    this._over = true;
    clearTimeout(this._timer);
  }

  private async _go(): Promise<void> {
    if (this._over) {
      return;
    }
    this._wanted = false;
    this._busy = true;
    await this._act();
    this._busy = false;
    if (!this._over) {
      this._timer = setTimeout(() => {
        this._timer = undefined;
        if (this._wanted) {
          void this._go();
        }
      }, this._pause);
    }
  }
}

import '../../style/tour.css';

import { ReactWidget } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useEffect, useLayoutEffect, useRef, useState } from 'react';

import { beside, Box, Spot } from './spot';
import type { Stop } from './stops';

interface TourProps {
  /** At least one. */
  stops: readonly Stop[];
  trans: TranslationBundle;
  /** Called when it was skipped, and at its end. */
  over: () => void;
}

/** The tour: a card that stands beside one place after another. It takes nothing away from what is below it. */
export class TourCard extends ReactWidget {
  constructor(private readonly _props: TourProps) {
    super();
    this.addClass('wb-Tour');
  }

  protected override render(): JSX.Element {
    return <Tour {...this._props} />;
  }
}

function Tour(props: TourProps): JSX.Element | null {
  const { stops, trans, over } = props;
  const [at, setAt] = useState(0);
  const [target, setTarget] = useState<Box | null>(null);
  const [spot, setSpot] = useState<Spot>({ left: 0, top: 0 });
  const card = useRef<HTMLDivElement>(null);
  const first = useRef<HTMLButtonElement>(null);
  const stop = stops[at];
  useShown(stop, (box, came) => {
    setTarget(box);
    if (came) {
      first.current?.focus();
    }
  });
  useLayoutEffect(() => {
    if (card.current) {
      const { width, height } = card.current.getBoundingClientRect();
      setSpot(beside(target, { width, height }, { width: window.innerWidth, height: window.innerHeight }));
    }
  }, [target, at]);
  useEscape(over);
  if (!stop) {
    return null;
  }
  const last = at === stops.length - 1;
  return (
    <>
      {target && <div className="wb-Tour-ring" style={{ ...target }} />}
      <div
        className="wb-Tour-card wb-Themed"
        ref={card}
        style={{ ...spot }}
        role="dialog"
        aria-label={trans.__('Tour of Workbench')}
        aria-describedby="wb-tour-text"
      >
        <p className="wb-Tour-title">
          {stop.title} <span className="wb-Soft">{trans.__('%1 of %2', at + 1, stops.length)}</span>
        </p>
        <p id="wb-tour-text" aria-live="polite">
          {stop.text}
        </p>
        <div className="wb-Tour-actions">
          {!last && (
            <button type="button" className="wb-Link" onClick={over}>
              {trans.__('Skip the tour')}
            </button>
          )}
          {at > 0 && (
            <button type="button" className="wb-Button" onClick={() => setAt(at - 1)}>
              {trans.__('Back')}
            </button>
          )}
          <button
            type="button"
            className="wb-Button wb-mod-first"
            ref={first}
            onClick={() => (last ? over() : setAt(at + 1))}
          >
            {last ? trans.__('Done') : trans.__('Next')}
          </button>
        </div>
      </div>
    </>
  );
}

/** Brings a stop into view and tells where it is: when it `came`, and when the window becomes another size. */
function useShown(stop: Stop | undefined, tell: (box: Box | null, came: boolean) => void): void {
  const latest = useRef(tell);
  latest.current = tell;
  useEffect(() => {
    let frame = 0;
    let gone = false;
    const look = (came: boolean): void => {
      if (!gone) {
        frame = requestAnimationFrame(() => latest.current(boxOf(stop?.target() ?? null), came)); // laid out by then
      }
    };
    const come = (): void => look(true);
    const move = (): void => look(false);
    void Promise.resolve(stop?.prepare?.()).then(come, come);
    window.addEventListener('resize', move);
    return () => {
      gone = true;
      cancelAnimationFrame(frame);
      window.removeEventListener('resize', move);
    };
  }, [stop]);
}

function useEscape(act: () => void): void {
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') {
        latest.current();
      }
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, []);
}

function boxOf(element: Element | null): Box | null {
  if (!element) {
    return null;
  }
  const { left, top, width, height } = element.getBoundingClientRect();
  return width > 0 && height > 0 ? { left, top, width, height } : null;
}

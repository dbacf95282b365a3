import { ReactWidget } from '@jupyterlab/apputils';
import type { Message } from '@lumino/messaging';
import React, { Suspense } from 'react';

import { Boundary } from '../components/boundary';
import { Loading } from '../components/states';
import type { CatalogProps } from './catalog';

type View = React.ComponentType<CatalogProps>;

async function load(): Promise<{ default: View }> {
  return { default: (await import('./catalog')).Catalog };
}

/** The catalog in the left sidebar. Until it is shown for the first time it has no code, and asks for nothing. */
export class CatalogPanel extends ReactWidget {
  private _turn = 0;
  private _focus = 0;
  private _shown = false;
  private _view: React.LazyExoticComponent<View> | null = null;

  constructor(private readonly _props: Omit<CatalogProps, 'turn' | 'focus'>) {
    super();
    this.id = 'workbench-catalog';
    this.addClass('wb-Catalog');
    this.addClass('wb-Themed');
  }

  /** Puts the cursor into the field: at once if that is there, else when it is. */
  focusSearch(): void {
    const field = this.node.querySelector('input');
    if (field) {
      field.focus();
    } else {
      this._focus += 1;
      this.update();
    }
  }

  /** Asks again for all that is shown. */
  refresh(): void {
    this._props.live.start();
    this._turn += 1;
    this.update();
  }

  protected override onAfterAttach(message: Message): void {
    this._shown ||= this.isVisible;
    super.onAfterAttach(message);
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this._shown = true;
    this.refresh();
  }

  protected override render(): JSX.Element {
    if (!this._shown) {
      return <></>;
    }
    const { trans } = this._props;
    this._view ??= React.lazy(load);
    const Shown: View = this._view;
    const again = (): void => {
      this._view = null;
      this.update();
    };
    return (
      <Boundary trans={trans} retry={again}>
        <Suspense fallback={<Loading what={trans.__('Reading the catalog')} />}>
          <Shown {...this._props} turn={this._turn} focus={this._focus} />
        </Suspense>
      </Boundary>
    );
  }
}

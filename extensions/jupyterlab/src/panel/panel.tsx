import { ReactWidget } from '@jupyterlab/apputils';
import type { Message } from '@lumino/messaging';
import React from 'react';

import { Catalog, CatalogProps } from './catalog';

/** What Lab knows the panel by. */
export const CATALOG = 'workbench-catalog';

/** The catalog in the left sidebar. */
export class CatalogPanel extends ReactWidget {
  private _turn = 0;

  constructor(private readonly _props: Omit<CatalogProps, 'turn'>) {
    super();
    this.id = CATALOG;
    this.addClass('wb-Catalog');
    this.addClass('wb-Themed');
  }

  focusSearch(): void {
    const drawn = this.renderPromise ?? Promise.resolve();
    void drawn.then(() => this.node.querySelector('input')?.focus()); // it is not there before it was drawn once
  }

  /** Asks again for all that is shown. */
  refresh(): void {
    this._props.live.start();
    this._turn += 1;
    this.update();
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.refresh();
  }

  protected override render(): JSX.Element {
    return <Catalog {...this._props} turn={this._turn} />;
  }
}

import { ReactWidget } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Message } from '@lumino/messaging';
import React from 'react';

import type { Client } from '../api/client';
import { Catalog } from './catalog';

/** The catalog in the left sidebar. */
export class CatalogPanel extends ReactWidget {
  private _turn = 0;

  constructor(
    private readonly _client: Client,
    private readonly _trans: TranslationBundle,
    private readonly _open: (dataset: string) => void
  ) {
    super();
    this.id = 'workbench-catalog';
    this.addClass('wb-Catalog');
    this.addClass('wb-Themed');
  }

  focusSearch(): void {
    const drawn = this.renderPromise ?? Promise.resolve();
    void drawn.then(() => this.node.querySelector('input')?.focus()); // it is not there before it was drawn once
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this._turn += 1;
    this.update();
  }

  protected override render(): JSX.Element {
    return <Catalog client={this._client} trans={this._trans} turn={this._turn} open={this._open} />;
  }
}

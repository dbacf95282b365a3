import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ISignal, Signal } from '@lumino/signaling';

import { isLanguage, Language } from './api/reads';

/** The plugin whose schema holds the settings. */
export const SETTINGS = 'dataops-workbench-lab:plugin';

/** What people wish for, by the settings; the defaults until those are loaded, and where there are none. */
export class Wishes {
  private readonly _changed = new Signal<this, void>(this);
  private _told: Partial<Record<string, unknown>> = {};

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** What a dataset that is dragged into a notebook is read with. */
  get language(): Language {
    const told = this._told['readAs'];
    return isLanguage(told) ? told : 'pandas';
  }

  /** Whether the status bar tells of runs. */
  get statusBar(): boolean {
    return this._told['showStatusBar'] !== false;
  }

  /** Which ends of runs a notification tells of. */
  get notifications(): 'all' | 'failed' | 'none' {
    const told = this._told['notifications'];
    return told === 'failed' || told === 'none' ? told : 'all';
  }

  /** Follows the settings from now on. */
  async follow(registry: ISettingRegistry): Promise<void> {
    const settings = await registry.load(SETTINGS);
    const look = (): void => {
      this._told = settings.composite;
      this._changed.emit();
    };
    settings.changed.connect(look);
    look();
  }
}

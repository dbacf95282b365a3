import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ISignal, Signal } from '@lumino/signaling';

import { isLanguage, Language } from './api/reads';

/** The plugin whose schema holds the settings. */
export const SETTINGS = 'dataops-workbench-lab:plugin';

/** What people wish for, by the settings; the defaults until those are loaded, and where there are none. */
export class Wishes {
  private readonly _changed = new Signal<this, void>(this);
  private _told: Partial<Record<string, unknown>> = {};
  private _registry: ISettingRegistry | null = null;
  private _ready: Promise<void> = Promise.resolve();

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** When the settings are known, or cannot be. */
  get ready(): Promise<void> {
    return this._ready;
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

  /** Whether `wb lab` begins with the start page. */
  get startPage(): boolean {
    return this._told['startPage'] !== false;
  }

  /** Whether the start page offers the tour. */
  get offerTour(): boolean {
    return this._told['offerTour'] !== false;
  }

  /** Follows the settings from now on. */
  follow(registry: ISettingRegistry): void {
    this._registry = registry;
    this._ready = this._load(registry).catch((reason: unknown) =>
      console.warn('Workbench goes on by its defaults:', reason)
    );
  }

  /** Sets one of them. It counts at once, and until the page is left where it cannot be kept. */
  keep(name: 'offerTour', value: boolean): void {
    this._told = { ...this._told, [name]: value };
    this._changed.emit();
    this._registry?.set(SETTINGS, name, value).catch((reason: unknown) => {
      console.warn('A setting of Workbench could not be kept:', reason);
    });
  }

  private async _load(registry: ISettingRegistry): Promise<void> {
    const settings = await registry.load(SETTINGS);
    const look = (): void => {
      this._told = settings.composite;
      this._changed.emit();
    };
    settings.changed.connect(look);
    look();
  }
}

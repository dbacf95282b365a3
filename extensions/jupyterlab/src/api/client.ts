import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import type { Dataset, Distribution, Facets, Found, Sample, Snapshots } from './types';

/** A document of which nothing is known yet. */
type Told = Partial<Record<string, unknown>>;

/** The server says itself that nothing is to be kept; Lab would add a parameter to each address for that. */
const INIT: RequestInit = { cache: 'default' };

/** Datasets in one answer. */
const PAGE = 200;

/** What the catalog is searched for; an empty text leaves it open. */
export type Narrowing = Readonly<Record<'query' | 'namespace' | 'owner' | 'tag' | 'freshness', string>>;

/** The parameters of a query; what is left open is not said. */
function told(asked: Narrowing): Record<string, string> {
  return Object.fromEntries(Object.entries(asked).filter(([name, text]) => name === 'query' || text !== ''));
}

/** What went wrong, in the words of the server: the same as on the command line. */
export class Problem extends Error {
  readonly code: string;
  readonly status: number;
  override readonly cause: string;
  readonly kept: string;
  readonly next: string;
  readonly detail: readonly string[];

  constructor(status: number, document: Told, fallback: string) {
    const told = (document['error'] ?? document) as Told;
    const text = (key: string): string => (typeof told[key] === 'string' ? told[key] : '');
    super(text('what') || text('title') || text('message') || fallback);
    this.name = 'Problem';
    this.status = status;
    this.code = text('code');
    this.cause = text('cause');
    this.kept = text('kept');
    this.next = text('next');
    const detail = told['detail'];
    this.detail = Array.isArray(detail) ? detail.map(String) : text('detail') ? [text('detail')] : [];
  }
}

/** What the server says where there is no project. */
const NO_PROJECT = 'WB-CFG-601';

/** Whether something failed because no project has begun in the folder of the server yet. */
export function isNoProject(error: unknown): boolean {
  return error instanceof Problem && error.code === NO_PROJECT;
}

/** Every call to the Workbench server goes through here. Each rejects with a Problem, or an AbortError. */
export class Client {
  constructor(private readonly _settings: ServerConnection.ISettings) {}

  /** Datasets that match, best first, from the one at `offset` on; an empty query lists them all. */
  search(asked: Narrowing, offset = 0, signal?: AbortSignal): Promise<Found> {
    const page = { limit: String(PAGE), offset: String(offset), facets: 'false' };
    return this.get<Found>('catalog', { ...told(asked), ...page }, signal);
  }

  /** By what a search can be narrowed, with counts. */
  async facets(asked: Narrowing, signal?: AbortSignal): Promise<Facets | null> {
    return (await this.get<Found>('catalog', { ...told(asked), limit: '1' }, signal)).facets;
  }

  /** All that is known of a dataset. */
  dataset(name: string, signal?: AbortSignal): Promise<Dataset> {
    return this.get<Dataset>(`datasets/${encodeURIComponent(name)}`, {}, signal);
  }

  /** Where a path below `workbench/api/` lies, for a frame that loads it by itself. */
  address(path: string): string {
    return URLExt.join(this._settings.baseUrl, 'workbench/api') + `/${path}`;
  }

  /** Some rows of a dataset. */
  sample(name: string, rows: number, signal?: AbortSignal): Promise<Sample> {
    return this.get<Sample>(`datasets/${encodeURIComponent(name)}/sample`, { limit: String(rows) }, signal);
  }

  /** How the values of each column of a dataset are spread. */
  distribution(name: string, signal?: AbortSignal): Promise<Distribution> {
    return this.get<Distribution>(`datasets/${encodeURIComponent(name)}/distribution`, {}, signal);
  }

  /** Versions of a dataset, newest first, each with what changed. */
  snapshots(name: string, offset = 0, signal?: AbortSignal): Promise<Snapshots> {
    return this.get<Snapshots>(`datasets/${encodeURIComponent(name)}/snapshots`, { offset: String(offset) }, signal);
  }

  /** What the server answers to a POST of a document to a path below `workbench/api/`. */
  post<T>(path: string, document: unknown = {}, signal?: AbortSignal): Promise<T> {
    return this._ask<T>(path, { method: 'POST', body: JSON.stringify(document) }, signal);
  }

  /** What the server answers to a GET of a path below `workbench/api/`. */
  get<T>(path: string, query: Record<string, string> = {}, signal?: AbortSignal): Promise<T> {
    const asked = new URLSearchParams(query).toString();
    return this._ask<T>(path + (asked ? `?${asked}` : ''), {}, signal);
  }

  /** What the server answers to a GET as it is: a script, say. */
  async text(path: string, signal?: AbortSignal): Promise<string> {
    return (await this._answered(path, {}, signal)).text();
  }

  private async _ask<T>(path: string, init: RequestInit, signal?: AbortSignal): Promise<T> {
    const told = await body(await this._answered(path, init, signal));
    return told as T;
  }

  /** A response that is no error. */
  private async _answered(path: string, init: RequestInit, signal?: AbortSignal): Promise<Response> {
    const url = this.address(path);
    let response: Response;
    try {
      const request = { ...INIT, ...init, signal: signal ?? null };
      response = await ServerConnection.makeRequest(url, request, this._settings);
    } catch (error) {
      if (signal?.aborted) {
        throw new DOMException('The answer is not wanted any more.', 'AbortError');
      }
      throw new Problem(0, {}, String((error as Error).message));
    }
    if (!response.ok) {
      throw new Problem(response.status, ((await body(response)) ?? {}) as Told, response.statusText);
    }
    return response;
  }
}

/** What a response holds; nothing where that is no JSON, such as the page of a proxy. */
async function body(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return null;
  }
}

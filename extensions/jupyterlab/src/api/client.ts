import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import type { Dataset, Found } from './types';

/** A document of which nothing is known yet. */
type Told = Partial<Record<string, unknown>>;

/** The server says itself that nothing is to be kept; Lab would add a parameter to each address for that. */
const INIT: RequestInit = { cache: 'default' };

/** Datasets in one answer. */
const PAGE = 200;

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

/** Every call to the Workbench server goes through here. Each rejects with a Problem, or an AbortError. */
export class Client {
  constructor(private readonly _settings: ServerConnection.ISettings) {}

  /** Datasets that match a query, best first, from the one at `offset` on; an empty query lists them all. */
  search(query: string, offset = 0, signal?: AbortSignal): Promise<Found> {
    return this.get<Found>('catalog', { query, limit: String(PAGE), offset: String(offset), facets: 'false' }, signal);
  }

  /** All that is known of a dataset. */
  dataset(name: string, signal?: AbortSignal): Promise<Dataset> {
    return this.get<Dataset>(`datasets/${encodeURIComponent(name)}`, {}, signal);
  }

  /** Where a path below `workbench/api/` lies, for a frame that loads it by itself. */
  address(path: string): string {
    return URLExt.join(this._settings.baseUrl, 'workbench/api', path);
  }

  /** What the server answers to a GET of a path below `workbench/api/`. */
  async get<T>(path: string, query: Record<string, string> = {}, signal?: AbortSignal): Promise<T> {
    const told = await body(await this._answered(path, query, signal));
    return told as T;
  }

  /** What the server answers to a GET as it is: a script, say. */
  async text(path: string, signal?: AbortSignal): Promise<string> {
    return (await this._answered(path, {}, signal)).text();
  }

  /** A response that is no error. */
  private async _answered(path: string, query: Record<string, string>, signal?: AbortSignal): Promise<Response> {
    const asked = new URLSearchParams(query).toString();
    const url = this.address(path) + (asked ? `?${asked}` : '');
    let response: Response;
    try {
      response = await ServerConnection.makeRequest(url, { ...INIT, signal: signal ?? null }, this._settings);
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

import type { Event } from '../../api/types';

/** A text; of one that is `cut` the beginning is left out. */
interface Spoken {
  kind: 'text' | 'messages' | 'error';
  text: string;
  cut: boolean;
}

/** One output of a cell, as far as a page shows it: never anything that could act. */
export type Output = Spoken | { kind: 'picture'; source: string; text: string } | { kind: 'other'; text: string };

/** What an attempt has said so far. */
export interface Said {
  /** The last event that is in this. */
  seq: number;
  /** By the id of the cell. */
  outputs: ReadonlyMap<string, readonly Output[]>;
  /** The lines of the log. */
  lines: readonly { seq: number; at: string; text: string; bad: boolean }[];
  /** The index of a cell in the notebook → its id. */
  cells: ReadonlyMap<number, string>;
  /** What was to become of its kernel, if that was said: `whyNot` is empty where it was kept. */
  kernel?: { whyNot: string };
}

export const SILENT: Said = { seq: 0, outputs: new Map(), lines: [], cells: new Map() };

/** Characters of one text, outputs of one cell, and lines of the log, that are kept; the newest stay. */
const MOST_TEXT = 20_000;
const MOST_OUTPUTS = 100;
const MOST_LINES = 2000;
const PICTURES = ['image/png', 'image/jpeg'];
const ESCAPES = /\u001b\[[0-9;?]*[ -/]*[@-~]/g;
const BASE64 = /^[A-Za-z0-9+/=\s]+$/;

/** What was said with the events that came since. */
export function said(before: Said, events: readonly Event[]): Said {
  const news = events.filter(event => event.seq > before.seq);
  if (news.length === 0) {
    return before;
  }
  const cells = new Map(before.cells);
  const outputs = new Map(before.outputs);
  const lines = [...before.lines];
  let { kernel } = before;
  for (const event of news) {
    const data = event.data;
    if (event.kind === 'cell_started') {
      cells.set(Number(data['cell']), String(data['id']));
    } else if (event.kind === 'output') {
      const id = cells.get(Number(data['cell'])) ?? '';
      outputs.set(id, joined(outputs.get(id) ?? [], outputOf(data['output'])));
    } else if (event.kind === 'kept') {
      kernel = { whyNot: String(data['why_not'] ?? '') };
    }
    const text = lineOf(event);
    if (text) {
      lines.push({ seq: event.seq, at: event.at, text, bad: event.kind === 'attempt_ended' && Boolean(data['error']) });
    }
  }
  return { seq: news[news.length - 1]!.seq, outputs, lines: lines.slice(-MOST_LINES), cells, kernel };
}

/** An output as the notebook format has it; markup is left to the notebook, its text is shown. */
export function outputOf(given: unknown): Output {
  const output = (given ?? {}) as Record<string, unknown>;
  const type = output['output_type'];
  if (type === 'stream') {
    return shortened(output['name'] === 'stderr' ? 'messages' : 'text', textOf(output['text']));
  }
  if (type === 'error') {
    const trace = Array.isArray(output['traceback']) ? output['traceback'].map(String).join('\n') : '';
    return shortened('error', trace || `${String(output['ename'])}: ${String(output['evalue'])}`);
  }
  const data = (output['data'] ?? {}) as Record<string, unknown>;
  const plain = textOf(data['text/plain']);
  const picture = PICTURES.find(each => each in data);
  const bytes = picture ? textOf(data[picture]) : '';
  if (picture && BASE64.test(bytes)) {
    return { kind: 'picture', source: `data:${picture};base64,${bytes.replace(/\s/g, '')}`, text: plain };
  }
  return plain ? shortened('text', plain) : { kind: 'other', text: Object.keys(data).join(', ') };
}

/** The outputs with one more: what goes on in one stream is one text, and a carriage return begins its line anew. */
function joined(before: readonly Output[], next: Output): readonly Output[] {
  const last = before[before.length - 1];
  if (last && (next.kind === 'text' || next.kind === 'messages') && last.kind === next.kind) {
    const one = shortened(next.kind, last.text + next.text);
    return [...before.slice(0, -1), { ...one, cut: one.cut || last.cut }];
  }
  return [...before, next].slice(-MOST_OUTPUTS);
}

function shortened(kind: 'text' | 'messages' | 'error', given: string): Spoken {
  const text = given
    .replace(ESCAPES, '')
    .replace(/\r\n/g, '\n')
    .replace(/^.*\r(?!$)/gm, '');
  return { kind, text: text.slice(-MOST_TEXT), cut: text.length > MOST_TEXT };
}

function textOf(given: unknown): string {
  return Array.isArray(given) ? given.map(String).join('') : typeof given === 'string' ? given : '';
}

function lineOf(event: Event): string {
  const data = event.data;
  const named = (name: string): string => String(data[name] ?? '');
  switch (event.kind) {
    case 'attempt_started':
      return `began: ${named('notebook')}, ${named('cells')} cells`;
    case 'kernel_ready':
      return `kernel ready after ${Number(data['seconds']).toFixed(2)} s`;
    case 'cell_started':
      return `cell ${named('number')} began`;
    case 'cell_ended':
      return `cell ${named('id')} ${named('state')} after ${Number(data['seconds'] ?? 0).toFixed(2)} s`;
    case 'output': {
      const output = outputOf(data['output']);
      return output.kind === 'picture' ? 'a picture' : output.text.trimEnd();
    }
    case 'read':
      return `read ${named('dataset')}`;
    case 'staged':
      return `staged ${named('dataset')}`;
    case 'checked':
      return `checked ${named('dataset')}`;
    case 'metric':
    case 'record':
      return `${event.kind} ${named('name')} = ${JSON.stringify(data['value'])}`;
    case 'checkpoint':
      return data['error'] ? `no checkpoint: ${named('error')}` : `checkpoint after cell ${named('cell')}`;
    case 'resumed':
      return data['why_not'] ? `begins at the top: ${named('why_not')}` : `resumed after cell ${named('cell')}`;
    case 'kept':
      return data['why_not']
        ? `its kernel is not kept: ${named('why_not')}`
        : `its kernel is kept until ${named('until')}`;
    case 'attempt_ended': {
      const error = data['error'] as { code?: string; what?: string } | null;
      return error ? `failed: ${error.code ?? ''} ${error.what ?? ''}` : 'ended';
    }
  }
}

/** What forms know of JSON Schema: what the server writes of the parameters of a pipeline or a notebook. */
export interface Schema {
  type?: string;
  format?: string;
  enum?: readonly unknown[];
  minimum?: number;
  maximum?: number;
  items?: Schema;
  additionalProperties?: Schema | boolean;
  anyOf?: readonly Schema[];
  description?: string;
  default?: unknown;
  properties?: Record<string, Schema>;
  required?: readonly string[];
}

/** How a value is entered. */
export type Control = 'flag' | 'choice' | 'number' | 'date' | 'text' | 'lines' | 'json';

/** One value to enter. */
export interface Field {
  name: string;
  control: Control;
  /** The schema of the value itself, where it is not null. */
  schema: Schema;
  /** Whether it may be null, which no text stands for. */
  optional: boolean;
  required: boolean;
  help: string;
  /** What people call its type. */
  kind: string;
  initial: string;
}

/** What was typed, by the name of the field. */
export type Drafts = Readonly<Record<string, string>>;

/** What is wrong with a value, by the name of its field. */
export type Faults = Readonly<Record<string, string>>;

const PLAIN = new Set(['string', 'integer', 'number']);

/** The fields of a form for one object, in the order of its schema. */
export function fieldsOf(schema: Schema): Field[] {
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {}).map(([name, outer]) => {
    const inner = outer.anyOf?.find(each => each.type !== 'null') ?? outer;
    const control = controlOf(inner);
    const field = {
      name,
      control,
      schema: inner,
      optional: outer.anyOf?.some(each => each.type === 'null') ?? false,
      required: required.has(name),
      help: outer.description ?? inner.description ?? '',
      kind: kindOf(inner)
    };
    return { ...field, initial: textOf(control, inner, outer.default) };
  });
}

/** The texts that a form begins with. */
export function draftsOf(fields: readonly Field[]): Drafts {
  return Object.fromEntries(fields.map(field => [field.name, field.initial]));
}

/** The values that differ from what there would be anyway, and what is wrong with the others. */
export function valuesOf(
  fields: readonly Field[],
  drafts: Drafts
): { values: Record<string, unknown>; faults: Record<string, string> } {
  const values: Record<string, unknown> = {};
  const faults: Record<string, string> = {};
  for (const field of fields) {
    const text = drafts[field.name] ?? field.initial;
    if (text === field.initial && !field.required) {
      continue;
    }
    try {
      values[field.name] = read(field, text);
    } catch (error) {
      faults[field.name] = (error as Error).message;
    }
  }
  return { values, faults };
}

/** The value that a text means; throws an error that says what is wrong with it. */
export function read(field: Field, text: string): unknown {
  const empty = text.trim() === '';
  if (empty && field.optional) {
    return null;
  }
  if (empty && (field.required || (field.control !== 'text' && field.control !== 'lines'))) {
    throw new Error('A value is needed.');
  }
  switch (field.control) {
    case 'flag':
      return text === 'true';
    case 'choice':
      return field.schema.enum?.[Number(text)];
    case 'number':
      return numberOf(text, field.schema);
    case 'lines':
      return text
        .split('\n')
        .filter(line => line.trim() !== '')
        .map(line => plainOf(line.trim(), field.schema.items ?? {}));
    case 'json':
      return jsonOf(text);
    default:
      return text;
  }
}

function controlOf(schema: Schema): Control {
  if (schema.enum) {
    return 'choice';
  }
  switch (schema.type) {
    case 'boolean':
      return 'flag';
    case 'integer':
    case 'number':
      return 'number';
    case 'string':
      return schema.format === 'date' ? 'date' : 'text';
    case 'array':
      return PLAIN.has(schema.items?.type ?? '') && !schema.items?.enum ? 'lines' : 'json';
    default:
      return 'json';
  }
}

function kindOf(schema: Schema): string {
  if (schema.enum) {
    return 'one of these';
  }
  const words: Record<string, string> = {
    boolean: 'yes or no',
    integer: 'whole number',
    number: 'number',
    string: 'text',
    object: 'names and values, as JSON'
  };
  const range =
    schema.minimum !== undefined && schema.maximum !== undefined
      ? ` from ${schema.minimum} to ${schema.maximum}`
      : schema.minimum !== undefined
        ? ` from ${schema.minimum} on`
        : schema.maximum !== undefined
          ? ` up to ${schema.maximum}`
          : '';
  if (schema.type === 'array') {
    return controlOf(schema) === 'lines' ? `one ${kindOf(schema.items ?? {})} a line` : 'a list, as JSON';
  }
  if (schema.type === 'string' && schema.format) {
    return { date: 'date', 'date-time': 'date and time', path: 'path' }[schema.format] ?? 'text';
  }
  return `${words[schema.type ?? ''] ?? 'any value, as JSON'}${range}`;
}

/** The text that stands for a value; a text in a list that holds a line break cannot be a line. */
function textOf(control: Control, schema: Schema, value: unknown): string {
  if (value === undefined || value === null) {
    return control === 'flag' && value === undefined ? 'false' : '';
  }
  switch (control) {
    case 'choice':
      return String(schema.enum?.findIndex(each => JSON.stringify(each) === JSON.stringify(value)) ?? '');
    case 'lines':
      return Array.isArray(value) ? value.map(String).join('\n') : '';
    case 'json':
      return JSON.stringify(value, null, 1);
    default:
      return String(value);
  }
}

function plainOf(text: string, schema: Schema): unknown {
  return schema.type === 'integer' || schema.type === 'number' ? numberOf(text, schema) : text;
}

function numberOf(text: string, schema: Schema): number {
  const value = Number(text);
  if (!Number.isFinite(value)) {
    throw new Error(`“${text}” is no number.`);
  }
  if (schema.type === 'integer' && !Number.isInteger(value)) {
    throw new Error(`“${text}” is no whole number.`);
  }
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    throw new Error('This number has more digits than a form can hold: run it by wb run.');
  }
  if (schema.minimum !== undefined && value < schema.minimum) {
    throw new Error(`The least is ${schema.minimum}.`);
  }
  if (schema.maximum !== undefined && value > schema.maximum) {
    throw new Error(`The most is ${schema.maximum}.`);
  }
  return value;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`This is no JSON: ${(error as Error).message}`);
  }
}

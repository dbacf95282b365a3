/** A JSON Schema, as far as completion reads it. */
export interface Schema {
  description?: string;
  type?: string | string[];
  enum?: unknown[];
  examples?: unknown[];
  properties?: Record<string, Schema>;
  patternProperties?: Record<string, Schema>;
  items?: Schema;
  anyOf?: Schema[];
}

/** Something that may be typed, and what it says. */
export interface Offer {
  text: string;
  about: string;
}

/** What may stand at a path: one schema for each shape that it may have. */
export function schemasAt(schema: Schema, path: readonly string[]): Schema[] {
  return path.reduce<Schema[]>((found, key) => found.flatMap(each => within(each, key)), shapes(schema));
}

/** The keys that may be typed there, each once. */
export function keysOf(schemas: readonly Schema[]): Offer[] {
  const found = new Map<string, Offer>();
  for (const schema of schemas) {
    for (const [text, value] of Object.entries(schema.properties ?? {})) {
      if (!found.has(text)) {
        found.set(text, { text, about: value.description ?? '' });
      }
    }
  }
  return [...found.values()];
}

/** The values that may be typed there, as far as they are few or there are examples. */
export function valuesOf(schemas: readonly Schema[]): Offer[] {
  const found = new Set<string>();
  for (const schema of schemas) {
    const flags = schema.type === 'boolean' ? [true, false] : [];
    [...(schema.enum ?? []), ...flags, ...(schema.examples ?? [])].forEach(value => found.add(String(value)));
  }
  return [...found].map(text => ({ text, about: '' }));
}

function shapes(schema: Schema): Schema[] {
  return schema.anyOf ? schema.anyOf.flatMap(shapes) : [schema];
}

function within(schema: Schema, key: string): Schema[] {
  if (key === '*') {
    return schema.items ? shapes(schema.items) : [];
  }
  const own = schema.properties?.[key];
  if (own) {
    return shapes(own);
  }
  const patterns = Object.entries(schema.patternProperties ?? {});
  return patterns.flatMap(([pattern, value]) => (new RegExp(pattern).test(key) ? shapes(value) : []));
}

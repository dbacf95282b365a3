/** A cell's value as rows are sorted and filtered by it. */
export type Value = string | number | null;

/** How a table is sorted: by which column, and whether from the greatest on. */
export interface Order {
  column: string;
  descending: boolean;
}

const TEXT = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** Orders values: numbers by size, texts as people do; what is missing comes last, whichever way round. */
export function compare(left: Value, right: Value, descending: boolean): number {
  if (left === null || right === null) {
    return Number(left === null) - Number(right === null);
  }
  const order =
    typeof left === 'number' && typeof right === 'number' ? left - right : TEXT.compare(String(left), String(right));
  return descending ? -order : order;
}

/** The rows one of whose values holds every word of `text`, sorted; rows that are equal keep their order. */
export function arranged<R>(
  rows: readonly R[],
  values: Record<string, (row: R) => Value>,
  text: string,
  order: Order | null
): readonly R[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const holds = (row: R): boolean => {
    const held = Object.values(values).map(value => String(value(row) ?? '').toLowerCase());
    return words.every(word => held.some(value => value.includes(word)));
  };
  const found = words.length ? rows.filter(holds) : rows;
  const by = order && values[order.column];
  return by ? [...found].sort((left, right) => compare(by(left), by(right), order.descending)) : found;
}

/** The next order when a header is pressed: ascending, descending, then as it was. */
export function pressed(order: Order | null, column: string): Order | null {
  if (order?.column !== column) {
    return { column, descending: false };
  }
  return order.descending ? null : { column, descending: true };
}

import type { Sketched } from '../../api/types';
import type { Offer, Schema } from './schema';
import { keysOf, schemasAt, valuesOf } from './schema';
import type { Spot } from './spot';

/** What may be typed at a spot: by the schema, and by what the file and its notebooks hold. */
export function offersFor(spot: Spot, schema: Schema, sketch: Sketched | null): Offer[] {
  const own = fromSketch(spot, sketch);
  const schemas = schemasAt(schema, spot.path);
  return [...own, ...(spot.kind === 'key' ? keysOf(schemas) : valuesOf(schemas))];
}

function fromSketch(spot: Spot, sketch: Sketched | null): Offer[] {
  const [first, name, key] = spot.path;
  const step = sketch?.steps.find(each => each.name === name);
  if (!sketch || first !== 'steps' || name === undefined) {
    return [];
  }
  if (key === 'after' && (spot.kind === 'value' || spot.path[3] === '*')) {
    return sketch.steps.filter(each => each.name !== name).map(each => ({ text: each.name, about: each.notebook }));
  }
  if (key === 'parameters' && spot.path.length === 3 && spot.kind === 'key') {
    const told = (step?.parameters as { properties?: Record<string, Schema> } | undefined)?.properties ?? {};
    return Object.entries(told).map(([text, value]) => ({ text, about: value.description ?? '' }));
  }
  return [];
}

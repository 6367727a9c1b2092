import { type PythonJson, parseJson } from '../python/json.js';
import { MODEL_ATTRIBUTE, PROVIDER_ATTRIBUTE } from './names.js';

/** The two dimensions that have columns of their own, or why the row cannot be upgraded. */
export type Dimensions =
  | { readonly model: string | null; readonly provider: string | null }
  | { readonly refused: string };

/**
 * Reads spans.dimension_attributes as MLflow's `_validated_dimension_attributes` does. SQLAlchemy has decoded the
 * column once by then, so that an object or null may also stand in a JSON text. What has no column to go to is
 * refused, because the revision drops this one.
 *
 * @param stored the column's JSON as text; SQLite gives a bare number as a number
 */
export function dimensionsOf(stored: unknown): Dimensions {
  if (stored === null) return { model: null, provider: null };
  let value = typeof stored === 'string' ? parseJson(stored) : Number.NaN;
  if (typeof value === 'string') value = parseJson(value);
  if (value === undefined) return { refused: 'malformed JSON' };
  if (value === null) return { model: null, provider: null };
  if (!(value instanceof Map)) return { refused: 'not a JSON object' };
  for (const [key, dimension] of value) {
    if (key !== MODEL_ATTRIBUTE && key !== PROVIDER_ATTRIBUTE)
      return { refused: `unknown key ${JSON.stringify(key)}` };
    if (dimension !== null && typeof dimension !== 'string') return { refused: `${key} is not a text` };
  }
  return {
    model: textOrNull(value.get(MODEL_ATTRIBUTE)),
    provider: textOrNull(value.get(PROVIDER_ATTRIBUTE)),
  };
}

const textOrNull = (value: PythonJson | undefined): string | null =>
  typeof value === 'string' ? value : null;

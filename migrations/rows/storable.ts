import type { RowContext } from '../../src/schema/index.js';
import { hasLoneSurrogate } from './python/text.js';

/**
 * Why a text decoded from JSON escapes cannot be written: MLflow raises UnicodeEncodeError for half of a surrogate
 * pair, and ValueError for U+0000 where the server has no room for it. Null where it can.
 */
export function notStorable(context: RowContext, text: string): string | null {
  if (hasLoneSurrogate(text)) return 'half of a surrogate pair';
  return text.includes('\0') && !context.storesNul ? 'the character U+0000' : null;
}

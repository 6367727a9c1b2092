import { alternatives } from '../alternatives.js';
import { bareSql } from '../same.js';

/**
 * A check in words that can be compared: the server tells `a IN (0, 1)` as `([a]=(1) OR [a]=(0))`. A list of
 * alternatives on one column becomes the sorted list of its constants, and so does a single one.
 */
export function plainCheck(expression: string): string {
  const bare = bareSql(expression);
  const [, column, only] = /^([a-z_]\w*?)=('(?:[^']|'')*'|[-\d.]+)$/.exec(bare) ?? [];
  return alternatives(bare) ?? (column ? `${column} in ${only}` : bare);
}

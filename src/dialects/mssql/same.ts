import { bareSql } from '../same.js';

/**
 * A check in words that can be compared: the server tells `a IN (0, 1)` as `([a]=(1) OR [a]=(0))`. A list of
 * alternatives on one column becomes the sorted list of its constants.
 */
export function plainCheck(expression: string): string {
  const bare = bareSql(expression);
  const list = /^([a-z_]\w*)in((?:'(?:[^']|'')*'|[-\d.]+)(?:,(?:'(?:[^']|'')*'|[-\d.]+))*)$/.exec(bare);
  if (list) return alternatives(list[1] as string, constantsIn(list[2] as string));
  const [, column] = /^([a-z_]\w*?)=/.exec(bare) ?? [];
  if (!column) return bare;
  const one = `${column}=('(?:[^']|'')*'|[-\\d.]+)`;
  if (!new RegExp(`^${one}(?:or${one})*$`).test(bare)) return bare;
  return alternatives(column, constantsIn(bare.replaceAll(`${column}=`, '')));
}

const constantsIn = (text: string): string[] => text.match(/'(?:[^']|'')*'|[-\d.]+/g) ?? [];

const alternatives = (column: string, values: readonly string[]): string =>
  `${column} in ${[...values].sort().join(',')}`;

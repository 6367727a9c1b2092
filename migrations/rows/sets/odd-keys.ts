import type { Condition, RowContext, SetWords } from '../../../src/schema/index.js';
import { inRange, type KeyRange } from '../ranges.js';
import { levels } from './levels.js';
import type { Plain, Reading } from './read.js';

/**
 * A query of the keys, as `x_of`, of the rows of a range of which a source is not plain. Each source is looked at in
 * its own table, so that rows that have none cost nothing.
 */
export function oddKeys(
  context: RowContext,
  reading: Pick<Reading, 'table' | 'key' | 'sources' | 'parents'>,
  words: SetWords,
  plain: readonly Plain[],
  named: (table: string) => string,
  range: KeyRange,
): Condition {
  const { key, sources } = reading;
  const params: unknown[] = [];
  const queries = plain.map((one) => {
    const { from, value } = sources[one.of] as NonNullable<(typeof sources)[string]>;
    const alias = from?.alias ?? 't';
    const ofAlias = key.map((column) => `${alias}.${column}`);
    const bounds = inRange(context, ofAlias, range);
    params.push(...(bounds?.params ?? []));
    const where = [from?.where, bounds?.sql].filter((condition) => condition !== undefined);
    const base =
      `SELECT ${ofAlias.map((column, i) => `${column} AS ${key[i]}_of`).join(', ')}, ${value} AS ${one.of}` +
      ` FROM ${[`${named(from?.table ?? reading.table)} ${alias}`, ...(from ? [] : (reading.parents?.(named) ?? []))].join(' ')}` +
      (where.length > 0 ? ` WHERE ${where.join(' AND ')}` : '');
    const found = `SELECT ${key.map((column) => `${column}_of`).join(', ')} FROM`;
    const condition = `CASE WHEN ${one.plain} THEN 1 ELSE 0 END = 0`;
    const query = one.levels.length > 0 ? levels(words, base, one.levels) : base;
    return `${found} (${query} ${words.fence}) v WHERE ${condition}`;
  });
  return { sql: queries.join(' UNION ALL '), params };
}

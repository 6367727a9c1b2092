import type { Around, Asking } from '../script.js';
import { keepers } from './keep.js';
import { literalText } from './quote.js';

/** What `keepingStatistics` does, by temporary tables. */
export async function around(
  replaced: readonly string[],
  ask: Pick<Asking, 'query'> | null,
): Promise<Around> {
  if (replaced.length === 0 || ask === null) return { before: [], after: [] };
  const present = await ask.query<{ name: string }>(
    `SELECT name FROM sqlite_master WHERE name IN (${keepers.map(({ table }) => literalText(table)).join(', ')})`,
  );
  const used = keepers.filter(({ table }) => present.some(({ name }) => name === table));
  const names = replaced.map(literalText).join(', ');
  return {
    before: used.map(
      ({ table, column }) =>
        `CREATE TEMP TABLE mltrack_${table} AS SELECT * FROM ${table} WHERE ${column} IN (${names});`,
    ),
    after: used.flatMap(({ table, column }) => [
      `DELETE FROM ${table} WHERE ${column} IN (${names});`,
      `INSERT INTO ${table} SELECT * FROM temp.mltrack_${table}${
        // An index whose statistics were saved may be gone.
        table === 'sqlite_sequence' ? '' : ' WHERE idx IS NULL OR idx IN (SELECT name FROM sqlite_master)'
      };`,
      `DROP TABLE temp.mltrack_${table};`,
    ]),
  };
}

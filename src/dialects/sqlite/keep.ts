import { quote } from './quote.js';
import type { SqliteSession } from './session.js';

/** SQLite forgets these rows about a table when the table is dropped; a rebuild drops it. */
export const keepers = [
  { table: 'sqlite_stat1', column: 'tbl' },
  { table: 'sqlite_stat4', column: 'tbl' },
  { table: 'sqlite_sequence', column: 'name' },
];

/**
 * Runs `work`, which replaces the tables `rebuilt`, and puts back what SQLite had noted about them: the planner's
 * statistics (https://www.sqlite.org/lang_analyze.html) and the counters of AUTOINCREMENT keys.
 */
export async function keepingStatistics(
  session: SqliteSession,
  rebuilt: readonly string[],
  work: () => Promise<void>,
): Promise<void> {
  const present = await session.query<{ name: string }>(
    "SELECT name FROM sqlite_master WHERE name IN ('sqlite_stat1', 'sqlite_stat4', 'sqlite_sequence')",
  );
  const used = keepers.filter(({ table }) => present.some(({ name }) => name === table));
  if (rebuilt.length === 0 || used.length === 0) return work();
  const names = rebuilt.map(() => '?').join(', ');
  const saved = new Map<string, Record<string, unknown>[]>();
  for (const { table, column } of used)
    saved.set(table, await session.query(`SELECT * FROM ${table} WHERE ${column} IN (${names})`, rebuilt));
  await work();
  for (const { table, column } of used) {
    await session.query(`DELETE FROM ${table} WHERE ${column} IN (${names})`, rebuilt);
    for (const row of saved.get(table) ?? []) {
      if (table !== 'sqlite_sequence' && row.idx !== null && !(await exists(session, row.idx as string)))
        continue;
      const columns = Object.keys(row);
      await session.query(
        `INSERT INTO ${table} (${columns.map(quote).join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
        Object.values(row),
      );
    }
  }
}

/** An index whose statistics were saved may be gone after the change. */
async function exists(session: SqliteSession, index: string): Promise<boolean> {
  const rows = await session.query('SELECT 1 AS found FROM sqlite_master WHERE name = ?', [index]);
  return rows.length > 0;
}

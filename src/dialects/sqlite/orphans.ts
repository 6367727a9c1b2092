import type { Orphan } from '../dialect.js';
import { hasNoOrphan } from './few-parents.js';
import { isInternal } from './introspect.js';
import { quote } from './quote.js';
import type { SqliteSession } from './session.js';

type Query = Pick<SqliteSession, 'query'>;

/**
 * The rows that `PRAGMA foreign_key_check` finds, with the key each one misses, so that a row copied from a row that
 * was dangling before can be told from a new loss. Asked table by table: a key that references nothing unique makes
 * the PRAGMA itself fail, and that is then the finding about its table.
 */
export async function foreignKeyOrphans(session: Query, asked?: ReadonlySet<string>): Promise<Orphan[]> {
  const tables = await session.query<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'");
  const orphans: Orphan[] = [];
  for (const { name } of tables) {
    if (isInternal(name) || asked?.has(name) === false) continue;
    try {
      if (await hasNoOrphan(session, name)) continue;
      orphans.push(...(await orphansOf(session, name)));
    } catch (error) {
      orphans.push({
        table: name,
        refTable: '?',
        values: [error instanceof Error ? error.message : String(error)],
      });
    }
  }
  return orphans;
}

async function orphansOf(session: Query, table: string): Promise<Orphan[]> {
  const found = await session.query<{ parent: string; fkid: number }>(
    'SELECT DISTINCT parent, fkid FROM pragma_foreign_key_check(?)',
    [table],
  );
  const orphans: Orphan[] = [];
  for (const { parent, fkid } of found) {
    const columns = await session.query<{ from: string }>(
      'SELECT "from" FROM pragma_foreign_key_list(?) WHERE id = ? ORDER BY seq',
      [table, fkid],
    );
    const key = columns.map(({ from }) => `CAST(c.${quote(from)} AS TEXT)`).join(' || char(31) || ');
    const rows = await session.query<{ key: string }>(
      `SELECT DISTINCT ${key} AS key FROM pragma_foreign_key_check(?) AS v
       JOIN ${quote(table)} AS c ON c.rowid = v.rowid WHERE v.fkid = ?`,
      [table, fkid],
    );
    orphans.push(...rows.map((row) => ({ table, refTable: parent, values: row.key.split('\u001f') })));
  }
  return orphans;
}

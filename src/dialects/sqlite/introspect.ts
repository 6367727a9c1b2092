import { blockedError } from '../../errors.js';
import type { Index, Schema, Table, Trigger } from '../../schema/table.js';
import { parseCreateTable } from './parse.js';
import { parseCreateIndex } from './parse-index.js';
import type { SqliteSession } from './session.js';
import { spellAsDeclared } from './spell.js';

interface MasterRow extends Record<string, unknown> {
  type: string;
  name: string;
  tbl_name: string;
  sql: string | null;
}

/** Tables that SQLite itself keeps. */
export const isInternal = (name: string): boolean => name.startsWith('sqlite_');

/**
 * Reads the schema from the texts in sqlite_master and checks each table against PRAGMA table_xinfo, so that a
 * statement which was misread is never rebuilt from.
 */
export async function introspect(session: Pick<SqliteSession, 'query'>): Promise<Schema> {
  const rows = await session.query<MasterRow>(
    'SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY rowid',
  );
  const schema = new Map<string, Table>();
  for (const row of rows) {
    if (row.type !== 'table' || isInternal(row.name)) continue;
    schema.set(row.name, await readTable(session, row));
  }
  for (const [name, table] of schema) {
    if (table.opaque) continue;
    const of = (type: string) =>
      rows.filter(
        (row) => row.type === type && row.tbl_name.toLowerCase() === name.toLowerCase() && row.sql !== null,
      );
    const indexes: Index[] = of('index').map((row) => parseCreateIndex(row.name, row.sql as string));
    const triggers: Trigger[] = of('trigger').map((row) => ({
      kind: 'native',
      name: row.name,
      sql: row.sql as string,
    }));
    schema.set(name, { ...table, indexes, triggers });
  }
  return spellAsDeclared(schema);
}

async function readTable(session: Pick<SqliteSession, 'query'>, row: MasterRow): Promise<Table> {
  let table: Table;
  try {
    table = { ...parseCreateTable(row.sql ?? ''), name: row.name };
  } catch {
    return opaque(row.name);
  }
  const columns = await session.query<{ name: string; notnull: number; pk: number }>(
    'SELECT name, "notnull", pk FROM pragma_table_xinfo(?) ORDER BY cid',
    [row.name],
  );
  const understood =
    columns.length === table.columns.length &&
    columns.every((column, i) => column.name === table.columns[i]?.name);
  return understood ? table : opaque(row.name);
}

const opaque = (name: string): Table => ({
  ...{
    name,
    columns: [],
    primaryKey: null,
    uniques: [],
    foreignKeys: [],
    checks: [],
    indexes: [],
    triggers: [],
  },
  opaque: true,
});

/** Refuses a table that must change but could not be read. */
export function refuseOpaque(schema: Schema, names: readonly string[]): void {
  const unread = names.filter((name) => schema.get(name)?.opaque);
  if (unread.length > 0)
    throw blockedError(
      `the definition of table ${unread.join(', ')} could not be read, so it cannot be changed safely`,
      'see it with: SELECT sql FROM sqlite_master; report it with that text',
    );
}

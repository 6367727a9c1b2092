import { quote } from './quote.js';
import type { SqliteSession } from './session.js';

type Query = Pick<SqliteSession, 'query'>;

interface Key extends Record<string, unknown> {
  readonly id: number;
  readonly column: string;
  readonly parent: string;
  readonly target: string | null;
}

/** A seek in an index costs as much as so many rows of `PRAGMA foreign_key_check`. */
const rowsPerSeek = 20;

/** Smaller tables are read in no time. */
const manyRows = 50_000;

/** Whether a big table is seen at once to have no dangling row. False also where that cannot be seen so. */
export async function hasNoOrphan(session: Query, table: string): Promise<boolean> {
  const asked = await quickQuestions(session, table);
  if (asked === null) return false;
  for (const sql of asked) if ((await session.query(sql)).length > 0) return false;
  return true;
}

/**
 * Queries that find dangling rows of a big table, one for each foreign key. Where an index of it begins with the
 * column of each and the parents are few, only its different values are looked at, one seek each. Null where that is
 * not so.
 */
export async function quickQuestions(session: Query, table: string): Promise<readonly string[] | null> {
  const rows = await greatestRowid(session, table);
  if (rows < manyRows) return null;
  const keys = await session.query<Key>(
    `SELECT id, "from" AS "column", "table" AS parent, "to" AS target FROM pragma_foreign_key_list(?)`,
    [table],
  );
  if (keys.length === 0 || new Set(keys.map(({ id }) => id)).size < keys.length) return null;
  const asked: string[] = [];
  for (const key of keys) {
    const target = await onlyKey(session, key.parent);
    const isPlain = target !== null && (key.target ?? target).toLowerCase() === target.toLowerCase();
    if (!isPlain || !(await beginsAnIndex(session, table, key.column))) return null;
    if ((await greatestRowid(session, key.parent)) * rowsPerSeek > rows) return null;
    asked.push(danglingValue(table, key.column, key.parent, target));
  }
  return asked;
}

/** Each value is found from the one before it. It is compared as the foreign key does: as the parent's column does. */
function danglingValue(table: string, column: string, parent: string, target: string): string {
  const [child, value] = [quote(table), quote(column)];
  return (
    `WITH RECURSIVE given(v) AS (SELECT min(${value}) FROM ${child} UNION ALL` +
    ` SELECT (SELECT min(${value}) FROM ${child} WHERE ${value} > given.v) FROM given WHERE v IS NOT NULL)` +
    ` SELECT v FROM given WHERE v IS NOT NULL` +
    ` AND NOT EXISTS (SELECT 1 FROM ${quote(parent)} AS p WHERE p.${quote(target)} = given.v) LIMIT 1`
  );
}

/** 0 for a table that has no rowid, or is none. */
async function greatestRowid(session: Query, table: string): Promise<number> {
  const listed = await session.query(
    "SELECT 1 FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND wr = 0 AND lower(name) = lower(?)",
    [table],
  );
  if (listed.length === 0) return 0;
  const [row] = await session.query<{ n: number | null }>(`SELECT max(rowid) AS n FROM ${quote(table)}`);
  return row?.n ?? 0;
}

/** The primary key of a table, where that is one column. */
async function onlyKey(session: Query, table: string): Promise<string | null> {
  const columns = await session.query<{ name: string }>(
    'SELECT name FROM pragma_table_xinfo(?) WHERE pk > 0',
    [table],
  );
  return columns.length === 1 ? (columns[0]?.name ?? null) : null;
}

async function beginsAnIndex(session: Query, table: string, column: string): Promise<boolean> {
  const found = await session.query(
    `SELECT 1 FROM pragma_index_list(?) i, pragma_index_xinfo(i.name) c
     WHERE i.partial = 0 AND c.seqno = 0 AND c."desc" = 0 AND c.coll = 'BINARY' AND lower(c.name) = lower(?)`,
    [table, column],
  );
  return found.length > 0;
}

import type { Schema, Table } from '../../schema/table.js';
import type { Statement, Unfinished } from '../dialect.js';
import { notNullProof } from './online.js';
import { quote } from './quote.js';
import type { PostgresSession } from './session.js';

interface Found extends Record<string, unknown> {
  readonly tbl: string;
  readonly name: string;
}

/**
 * Indexes that CREATE INDEX CONCURRENTLY did not build to the end (it leaves them INVALID, and every write pays for
 * them), and constraints that were added NOT VALID and not looked at since. Only those that a revision ahead
 * brings, or the proof of a NOT NULL: anything else is the user's, and `db check` tells of it.
 */
export async function findUnfinished(
  session: Pick<PostgresSession, 'query' | 'dialect'>,
  live: Schema,
  known: Schema,
  end: Schema,
): Promise<Unfinished> {
  const online = session.dialect.online !== undefined;
  const statements: Statement[] = [];
  const rest = new Map(live);
  const without = (table: string, change: (found: Table) => Partial<Table>): void => {
    const found = rest.get(table);
    if (found) rest.set(table, { ...found, ...change(found) });
  };
  for (const { tbl, name } of await invalidIndexes(session)) {
    if (!isOf('indexes', end.get(tbl), name) || isOf('indexes', known.get(tbl), name)) continue;
    without(tbl, ({ indexes }) => ({ indexes: indexes.filter((index) => index.name !== name) }));
    statements.push({
      ...{ table: tbl, title: `drop index ${name}, which was not built to the end`, alone: online },
      sql: `DROP INDEX ${online ? 'CONCURRENTLY ' : ''}${quote(name)}`,
    });
  }
  for (const { tbl, name } of await uncheckedConstraints(session)) {
    const [table, before] = [end.get(tbl), known.get(tbl)];
    const part = isOf('foreignKeys', table, name) ? 'foreignKeys' : 'checks';
    // One that a revision replaces under its old name is another one afterwards.
    const isNew =
      table && isOf(part, table, name) && textOf(part, table, name) !== textOf(part, before, name);
    if (!isNew && name !== notNullProof) continue;
    without(tbl, ({ foreignKeys, checks }) => ({
      foreignKeys: foreignKeys.filter((key) => key.name !== name),
      checks: checks.filter((check) => check.name !== name),
    }));
    statements.push({
      ...{ table: tbl, title: `drop constraint ${name}, which was not checked to the end` },
      sql: `ALTER TABLE ${quote(tbl)} DROP CONSTRAINT ${quote(name)}`,
    });
  }
  return { live: rest, statements };
}

type Part = 'indexes' | 'foreignKeys' | 'checks';

const isOf = (part: Part, table: Table | undefined, name: string): boolean =>
  table?.[part].some((one) => one.name === name) ?? false;

const textOf = (part: Part, table: Table | undefined, name: string): string =>
  JSON.stringify(table?.[part].find((one) => one.name === name) ?? null);

const invalidIndexes = (session: Pick<PostgresSession, 'query'>): Promise<Found[]> =>
  session.query<Found>(
    `SELECT c.relname AS tbl, x.relname AS name FROM pg_catalog.pg_index i
     JOIN pg_catalog.pg_class c ON c.oid = i.indrelid JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
     WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND c.relkind = 'r'
       AND NOT (i.indisvalid AND i.indisready AND i.indislive) ORDER BY x.relname`,
  );

/** The proof counts also where it was looked at: it is no part of the schema. */
const uncheckedConstraints = (session: Pick<PostgresSession, 'query'>): Promise<Found[]> =>
  session.query<Found>(
    `SELECT c.relname AS tbl, k.conname AS name FROM pg_catalog.pg_constraint k
     JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
     WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND k.contype IN ('c', 'f')
       AND (NOT k.convalidated OR k.conname = ?) ORDER BY k.conname`,
    [notNullProof],
  );

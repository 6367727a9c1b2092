import type { Schema } from '../../schema/table.js';
import type { Finding, ServerFacts } from '../check.js';
import type { Session } from '../dialect.js';
import { quote } from './quote.js';

/** A column that counts, and its sequence; names are as SQL says them. */
interface Counter extends Record<string, unknown> {
  readonly tbl: string;
  readonly col: string;
  /** The sequence that belongs to the column, and goes with it. */
  readonly owned: string | null;
  /** The sequence of its default. */
  readonly used: string | null;
  /** Of the first of them: whether the connected role may read it. */
  readonly readable: boolean | null;
}

/** The columns that count by themselves in MLflow and are there. */
export async function readCounters(session: Session, expected: Schema): Promise<Counter[]> {
  const rows = await session.query<Counter>(
    `SELECT s.*, pg_catalog.has_sequence_privilege(COALESCE(s.used, s.owned)::regclass, 'SELECT') AS readable FROM (
       SELECT c.relname AS tbl, a.attname AS col,
              (SELECT s.oid::regclass::text FROM pg_catalog.pg_depend p
               JOIN pg_catalog.pg_class s ON s.oid = p.objid AND s.relkind = 'S'
               WHERE p.classid = 'pg_catalog.pg_class'::regclass AND p.refclassid = 'pg_catalog.pg_class'::regclass
                 AND p.refobjid = c.oid AND p.refobjsubid = a.attnum AND p.deptype IN ('a', 'i')
               ORDER BY s.oid LIMIT 1) AS owned,
              (SELECT s.oid::regclass::text FROM pg_catalog.pg_attrdef d
               JOIN pg_catalog.pg_depend p ON p.classid = 'pg_catalog.pg_attrdef'::regclass AND p.objid = d.oid
                AND p.refclassid = 'pg_catalog.pg_class'::regclass
               JOIN pg_catalog.pg_class s ON s.oid = p.refobjid AND s.relkind = 'S'
               WHERE d.adrelid = c.oid AND d.adnum = a.attnum ORDER BY s.oid LIMIT 1) AS used
       FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
       WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND c.relkind IN ('r', 'p')
         AND a.attnum > 0 AND NOT a.attisdropped
     ) s WHERE s.owned IS NOT NULL OR s.used IS NOT NULL ORDER BY s.tbl, s.col`,
  );
  return rows.filter(({ tbl, col }) =>
    expected.get(tbl)?.columns.some((column) => column.name === col && column.identity !== null),
  );
}

/**
 * Sequences that do not belong to the column they count for: dropped with something else, or left behind. That a
 * column has no sequence at all is told as its default.
 */
export async function sequenceFacts(session: Session, expected: Schema, live: Schema): Promise<ServerFacts> {
  const counters = await readCounters(session, expected);
  return {
    findings: counters
      .filter(({ tbl, used, owned }) => live.has(tbl) && used !== null && used !== owned)
      .map(({ tbl, col, used, owned }) => otherSequence(tbl, col, used as string, owned)),
    notChecked: [],
  };
}

const otherSequence = (table: string, column: string, used: string, owned: string | null): Finding => ({
  ...{ rule: 'sequence-owner', severity: 'warning', object: 'sequence', table, name: used },
  expected: `owned by ${table}.${column}`,
  found: owned === null ? 'owned by no column' : `${table}.${column} owns ${owned}, and counts with ${used}`,
  why: 'a dump of the table leaves it out, and it does not go or change hands with the table',
  repair: {
    kind: 'statements',
    statements: [
      {
        sql: `ALTER SEQUENCE ${used} OWNED BY ${quote(table)}.${quote(column)}`,
        ...{ table, title: `tie ${used} to ${table}.${column}` },
      },
    ],
  },
});

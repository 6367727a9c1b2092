import type { SqlContext } from '../dialect.js';
import { afterRowValue, updateFromValues } from '../update-rows.js';
import { quote, quoteAll } from './quote.js';
import type { PostgresSession } from './session.js';
import { setWords } from './set-words.js';

const casts = {
  text: 'text',
  bigint: 'bigint',
  integer: 'integer',
  double: 'double precision',
  boolean: 'boolean',
};

/** Readers go on; writers wait for the end of the transaction. */
export const lockTables = (tables: readonly string[]): string =>
  `LOCK TABLE ${quoteAll(tables)} IN SHARE ROW EXCLUSIVE MODE`;

/** How row work speaks to PostgreSQL. */
export function sqlContext(session: Pick<PostgresSession, 'query' | 'execute'>): SqlContext {
  const context: SqlContext = {
    query: (sql, params) => session.query(sql, params),
    execute: (sql, params) => session.execute(sql, params),
    quote,
    scanOrder: () => 'ctid',
    bind: (type) => `?::${casts[type]}`,
    asText: (expression) => `CAST(${expression} AS TEXT)`,
    characters: (expression) => `CHAR_LENGTH(${expression})`,
    limit: (count) => `LIMIT ${count}`,
    after: (columns, values) => afterRowValue(context, columns, values),
    upTo: (columns, values) => afterRowValue(context, columns, values, '<='),
    updateRows: (table, keys, values, rows) =>
      session.execute(updateFromValues(context, table, keys, values, rows.length), rows.flat()),
    columnsOf: async (table) => {
      const rows = await session.query<{ name: string }>(
        `SELECT a.attname AS name FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
         WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND c.relname = ? AND a.attnum > 0
           AND NOT a.attisdropped ORDER BY a.attnum`,
        [table],
      );
      return rows.map((row) => row.name);
    },
    lockOut: async (tables) => {
      await session.query(lockTables(tables));
      return true;
    },
    maxBindings: 30_000,
    enforcesLengths: true,
    storesNul: false,
    readsTenDecimals: false,
    correlatesDerived: true,
    sets: setWords,
    jsonText: (expression) => `(${expression})::text`,
  };
  return context;
}

import type { SqlContext } from '../dialect.js';
import { afterRowValue, updateFromValues } from '../update-rows.js';
import { quote } from './quote.js';
import type { SqliteSession } from './session.js';
import { setWords } from './set-words.js';

/** How row work speaks to SQLite. */
export function sqlContext(session: Pick<SqliteSession, 'query' | 'execute'>): SqlContext {
  const context: SqlContext = {
    query: (sql, params) => session.query(sql, params),
    execute: (sql, params) => session.execute(sql, params),
    quote,
    scanOrder: () => 'rowid',
    bind: (type) => (type === 'bigint' || type === 'integer' ? 'CAST(? AS INTEGER)' : '?'),
    asText: (expression) => `CAST(${expression} AS TEXT)`,
    characters: (expression) => `LENGTH(${expression})`,
    limit: (count) => `LIMIT ${count}`,
    after: (columns, values) => afterRowValue(context, columns, values),
    upTo: (columns, values) => afterRowValue(context, columns, values, '<='),
    updateRows: (table, keys, values, rows) =>
      session.execute(updateFromValues(context, table, keys, values, rows.length), rows.flat()),
    columnsOf: async (table) => {
      const rows = await session.query<{ name: string }>(
        'SELECT name FROM pragma_table_xinfo(?) ORDER BY cid',
        [table],
      );
      return rows.map((row) => row.name);
    },
    // The file's write lock is taken already.
    lockOut: async () => true,
    maxBindings: 30_000,
    enforcesLengths: false,
    storesNul: true,
    readsTenDecimals: false,
    correlatesDerived: true,
    sets: setWords,
    keepsFirst: true,
    jsonText: (expression) => expression,
  };
  return context;
}

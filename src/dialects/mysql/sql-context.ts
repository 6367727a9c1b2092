import type { SqlContext } from '../dialect.js';
import { afterByColumns } from '../update-rows.js';
import { quote } from './quote.js';
import type { MysqlSession } from './session.js';
import { setWords } from './set-words.js';
import { updateRows } from './update-rows.js';

/** How row work speaks to MySQL and MariaDB. */
export function sqlContext(session: Pick<MysqlSession, 'query' | 'execute'>): SqlContext {
  const context: SqlContext = {
    query: (sql, params) => session.query(sql, params),
    execute: (sql, params) => session.execute(sql, params),
    quote,
    // InnoDB reads a table by its primary key; the only table whose order matters has this one.
    scanOrder: () => quote('run_uuid'),
    bind: () => '?',
    asText: (expression) => `CAST(${expression} AS CHAR)`,
    characters: (expression) => `CHAR_LENGTH(${expression})`,
    limit: (count) => `LIMIT ${count}`,
    after: (columns, values) => afterByColumns(context, columns, values),
    upTo: (columns, values) => afterByColumns(context, columns, values, '<='),
    updateRows: (table, keys, values, rows) => updateRows(session, table, keys, values, rows),
    columnsOf: async (table) => {
      const rows = await session.query<{ name: string }>(
        `SELECT COLUMN_NAME AS name FROM information_schema.COLUMNS
         WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION`,
        [table],
      );
      return rows.map((row) => row.name);
    },
    // LOCK TABLES would end with the next change of the schema.
    lockOut: async () => false,
    maxBindings: 30_000,
    enforcesLengths: true,
    storesNul: true,
    readsTenDecimals: true,
    correlatesDerived: false,
    sets: setWords,
    alongIndex: {
      has: async (table, column) => {
        const [found] = await session.query(
          `SELECT 1 AS one FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?
           AND COLUMN_NAME = ? AND SEQ_IN_INDEX = 1 AND SUB_PART IS NULL LIMIT 1`,
          [table, column],
        );
        return found !== undefined;
      },
      // Decimals have up to 65 digits (manual, "DECIMAL Data Type Characteristics"); 128 bits have 39.
      pair: (first, second) => `CAST(${first} AS DECIMAL(40)) * 18446744073709551616 + ${second}`,
    },
    jsonText: (expression) => `CAST(${expression} AS CHAR)`,
  };
  return context;
}

import type { SqlContext } from '../dialect.js';
import { afterByColumns } from '../update-rows.js';
import { bind, keyBinder } from './bind.js';
import { quote } from './quote.js';
import type { MssqlSession } from './session.js';
import { updateRows } from './update-rows.js';

/** How row work speaks to SQL Server. */
export function sqlContext(session: Pick<MssqlSession, 'query' | 'execute'>): SqlContext {
  return {
    query: (sql, params) => session.query(sql, params),
    execute: (sql, params) => session.execute(sql, params),
    quote,
    // A table is read along its clustered key; the only table whose order matters has this one.
    scanOrder: () => quote('run_uuid'),
    bind,
    asText: (expression) => `CAST(${expression} AS VARCHAR(20))`,
    characters: (expression) => `LEN(${expression})`,
    limit: (count) => `OFFSET 0 ROWS FETCH NEXT ${count} ROWS ONLY`,
    after: (columns, values) => afterByColumns({ quote, bind: keyBinder(values) }, columns, values),
    upTo: (columns, values) => afterByColumns({ quote, bind: keyBinder(values) }, columns, values, '<='),
    updateRows: (table, keys, values, rows) => updateRows(session, table, keys, values, rows),
    // A shared lock of the whole table, which readers do not mind.
    lockOut: async (tables) => {
      for (const table of tables)
        await session.query(
          `SELECT COUNT(*) AS n FROM (SELECT TOP (1) 1 AS one FROM ${quote(table)} WITH (TABLOCK, HOLDLOCK)) AS held`,
        );
      return true;
    },
    columnsOf: async (table) => {
      const rows = await session.query<{ name: string }>(
        "SELECT name FROM sys.columns WHERE object_id = OBJECT_ID(?, N'U') ORDER BY column_id",
        [quote(table)],
      );
      return rows.map((row) => row.name);
    },
    // The protocol takes 2100 parameters, two of which are the statement and their types.
    maxBindings: 2000,
    enforcesLengths: true,
    storesNul: true,
    readsTenDecimals: false,
    // ORDER BY is refused in a derived table.
    correlatesDerived: false,
    // Not proven, for want of a server.
    sets: null,
    jsonText: (expression) => expression,
  };
}

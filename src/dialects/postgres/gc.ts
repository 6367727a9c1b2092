import { type GcModule, inList } from '../gc.js';

/** A row that another session holds is waited for, for as long as the lock timeout says. */
export const gc: GcModule = {
  lockRows: (columns, table, where) => `SELECT ${columns} FROM ${table} WHERE ${where} FOR UPDATE`,
  oneOf: (column, type, values) =>
    inList(
      column,
      type === 'text' ? '?::varchar' : `?::${type === 'integer' ? 'integer' : 'bigint'}`,
      values,
    ),
  // VACUUM FULL gives more back and keeps readers out ("Recovering Disk Space", PostgreSQL manual).
  giveBack: async (session, tables) => {
    for (const table of tables) await session.query(`VACUUM (ANALYZE) ${session.sql.quote(table)}`);
    return 'the space is free for new rows; VACUUM FULL would give it to the system, and lock the server out';
  },
};

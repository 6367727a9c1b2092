import { type GcModule, inList } from '../gc.js';

/** A row that another session holds is waited for, for as long as the lock timeout says. */
export const gc: GcModule = {
  lockRows: (columns, table, where) => `SELECT ${columns} FROM ${table} WHERE ${where} FOR UPDATE`,
  oneOf: (column, _type, values) => inList(column, '?', values),
  // InnoDB builds the table anew in place, beside readers and writers ("OPTIMIZE TABLE Statement", MySQL manual).
  giveBack: async (session, tables) => {
    for (const table of tables) {
      const rows = await session.query<{ Msg_type: string; Msg_text: string }>(
        `OPTIMIZE TABLE ${session.sql.quote(table)}`,
      );
      const failed = rows.find(({ Msg_type }) => /error/i.test(Msg_type));
      if (failed) throw new Error(`OPTIMIZE TABLE ${table}: ${failed.Msg_text}`);
    }
    return `${tables.length} tables were built anew`;
  },
};

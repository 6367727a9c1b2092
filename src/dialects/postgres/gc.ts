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
};

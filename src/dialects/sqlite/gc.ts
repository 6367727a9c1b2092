import { type GcModule, inList } from '../gc.js';

/** The transaction holds the whole file's write lock already. */
export const gc: GcModule = {
  lockRows: (columns, table, where) => `SELECT ${columns} FROM ${table} WHERE ${where}`,
  oneOf: (column, _type, values) => inList(column, '?', values),
};

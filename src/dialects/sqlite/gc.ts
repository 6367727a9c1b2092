import { type GcModule, inList } from '../gc.js';
import { giveBack } from './give-back.js';

/** The transaction holds the whole file's write lock already. */
export const gc: GcModule = {
  lockRows: (columns, table, where) => `SELECT ${columns} FROM ${table} WHERE ${where}`,
  locksRowsAlone: false,
  oneOf: (column, _type, values) => inList(column, '?', values),
  // A collection switches foreign keys off, and follows them itself.
  heldBy: () => null,
  giveBack,
};

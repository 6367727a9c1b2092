import { type GcModule, inList } from '../gc.js';
import { keyBinder } from './bind.js';

/** SELECT … FOR UPDATE is none here; UPDLOCK keeps the rows until the transaction ends ("Table hints", Transact-SQL). */
export const gc: GcModule = {
  lockRows: (columns, table, where) =>
    `SELECT ${columns} FROM ${table} WITH (UPDLOCK, ROWLOCK) WHERE ${where}`,
  oneOf: (column, type, values) => inList(column, keyBinder(values)(type), values),
  // DBCC SHRINKDATABASE tears indexes apart, and the vendor advises against it ("DBCC SHRINKDATABASE", Best practices).
  giveBack: async () => 'the space is free for new rows; the file keeps its size',
};

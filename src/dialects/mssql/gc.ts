import { type GcModule, inList } from '../gc.js';
import { keyBinder } from './bind.js';
import { messagesOf } from './requests.js';

/** SELECT … FOR UPDATE is none here; UPDLOCK keeps the rows until the transaction ends ("Table hints", Transact-SQL). */
export const gc: GcModule = {
  lockRows: (columns, table, where) =>
    `SELECT ${columns} FROM ${table} WITH (UPDLOCK, ROWLOCK) WHERE ${where}`,
  locksRowsAlone: true,
  oneOf: (column, type, values) => inList(column, keyBinder(values)(type), values),
  // 547: "The DELETE statement conflicted with the REFERENCE constraint … table "dbo.notes", column …".
  heldBy: (error) => {
    const told = messagesOf(error).find(({ number }) => number === 547);
    return told ? (/table "([^"]+)"/.exec(told.message)?.[1] ?? 'another table') : null;
  },
  // DBCC SHRINKDATABASE tears indexes apart, and the vendor advises against it ("DBCC SHRINKDATABASE", Best practices).
  giveBack: async () => ({ said: 'the space is free for new rows; the file keeps its size', failed: [] }),
};

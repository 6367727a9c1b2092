import { type GcModule, inList } from '../gc.js';
import { giveBack } from './give-back.js';

/** A row that another session holds is waited for, for as long as the lock timeout says. */
export const gc: GcModule = {
  lockRows: (columns, table, where) => `SELECT ${columns} FROM ${table} WHERE ${where} FOR UPDATE`,
  locksRowsAlone: true,
  oneOf: (column, _type, values) => inList(column, '?', values),
  // 1451: ER_ROW_IS_REFERENCED_2, "… a foreign key constraint fails (`schema`.`table`, CONSTRAINT …".
  heldBy: (error) => {
    const { errno, message = '' } = error as { errno?: number; message?: string };
    if (errno !== 1451 && errno !== 1217) return null;
    return /fails \(`(?:[^`]|``)+`\.`((?:[^`]|``)+)`/.exec(message)?.[1] ?? 'another table';
  },
  giveBack,
};

import type { GcModule } from '../gc.js';
import { giveBack } from './give-back.js';

/** A row that another session holds is waited for, for as long as the lock timeout says. */
export const gc: GcModule = {
  lockRows: (columns, table, where) => `SELECT ${columns} FROM ${table} WHERE ${where} FOR UPDATE`,
  locksRowsAlone: true,
  // A list of parameters is parsed and planned one by one; an array is one, whatever its length.
  oneOf: (column, type, values) => {
    const kind = type === 'text' ? 'varchar' : type === 'integer' ? 'integer' : 'bigint';
    return values.length === 1
      ? { sql: `${column} = ?::${kind}`, params: values }
      : { sql: `${column} = ANY(?::${kind}[])`, params: [values] };
  },
  // 23503: foreign_key_violation; the error names the table that refers.
  heldBy: (error) => {
    const { code, table } = error as { code?: string; table?: string };
    return code === '23503' ? (table ?? 'another table') : null;
  },
  giveBack,
};

import type { NotChecked } from '../../dialects/check.js';

/** Whether what a role cannot see may be about this table; null is the database as a whole. */
export const mayHide = ({ hides: { tables } }: NotChecked, table: string | null): boolean =>
  !tables || (table !== null && tables.includes(table));

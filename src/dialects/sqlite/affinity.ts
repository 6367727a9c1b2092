import type { Column } from '../../schema/table.js';
import { columnType } from './types.js';

export type Affinity = 'integer' | 'text' | 'blob' | 'real' | 'numeric';

/** What SQLite makes of the declared type of a column (https://www.sqlite.org/datatype3.html#determination_of_column_affinity). */
export function affinityOf(column: Column): Affinity {
  const type = columnType(column).toUpperCase();
  if (type.includes('INT')) return 'integer';
  if (/CHAR|CLOB|TEXT/.test(type)) return 'text';
  if (type === '' || type.includes('BLOB')) return 'blob';
  return /REAL|FLOA|DOUB/.test(type) ? 'real' : 'numeric';
}

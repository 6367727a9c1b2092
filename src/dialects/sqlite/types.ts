import type { ColumnType } from '../../schema/column-type.js';
import type { Column } from '../../schema/table.js';

/** The declared type, as SQLAlchemy's SQLite dialect spells it. */
export function typeText(type: ColumnType): string {
  switch (type.kind) {
    case 'native':
      return type.text;
    case 'string':
      return `VARCHAR(${type.length})`;
    case 'binary':
      return 'BLOB';
    default:
      return type.kind.toUpperCase();
  }
}

/** The declared type of a column. A key that counts by itself must be INTEGER to be an alias of the rowid. */
export const columnType = (column: Column): string => (column.identity ? 'INTEGER' : typeText(column.type));

export const sameType = (type: ColumnType, column: Column): boolean =>
  typeText(type).toUpperCase() === typeText(column.type).toUpperCase();

import type { ColumnType } from '../../schema/column-type.js';
import type { Column } from '../../schema/table.js';

/** The type as DDL names it, and as format_type() reports it. */
export function typeText(type: ColumnType): string {
  switch (type.kind) {
    case 'native':
      return type.text;
    case 'string':
      return `character varying(${type.length})`;
    case 'float':
      return 'double precision';
    case 'binary':
      return 'bytea';
    default:
      return type.kind;
  }
}

/** A column's type in CREATE TABLE; SERIAL brings its sequence along. */
export const columnType = (column: Column): string =>
  column.identity === 'SERIAL' ? 'SERIAL' : typeText(column.type);

export const sameType = (type: ColumnType, column: Column): boolean =>
  typeText(type) === typeText(column.type);

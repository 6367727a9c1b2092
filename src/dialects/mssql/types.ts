import type { ColumnType } from '../../schema/column-type.js';
import type { Column } from '../../schema/table.js';

/** What MLflow asks for where case matters (mssql.VARCHAR(…, collation=…)). */
export const exactCollation = 'SQL_Latin1_General_CP1_CS_AS';

/** The type as sys.types tells it; SQLAlchemy's "deprecate_large_types" makes text and blobs (max). */
export function typeText(type: ColumnType): string {
  switch (type.kind) {
    case 'native':
      return type.text;
    case 'string':
      return `varchar(${type.length})`;
    case 'text':
      return type.unicode ? 'nvarchar(max)' : 'varchar(max)';
    case 'json':
      return 'nvarchar(max)';
    case 'binary':
      return 'varbinary(max)';
    // FLOAT without a precision has 53 bits.
    case 'float':
      return 'float';
    case 'integer':
      return 'int';
    case 'boolean':
      return 'bit';
    default:
      return type.kind;
  }
}

const isExact = (type: ColumnType): boolean => type.kind === 'string' && type.caseSensitive === true;

/** null: the database's own. */
export const collationOf = (column: Pick<Column, 'type' | 'collation'>): string | null =>
  isExact(column.type) ? exactCollation : column.collation;

export const sameType = (type: ColumnType, column: Column): boolean =>
  typeText(type) === typeText(column.type) &&
  (!isExact(type) || hasExact(column)) &&
  (!foldsCase(type) || !hasExact(column));

const hasExact = (column: Column): boolean =>
  collationOf(column)?.toLowerCase() === exactCollation.toLowerCase();

/** Said of a type that told case apart and shall not any more. */
const foldsCase = (type: ColumnType): boolean => type.kind === 'string' && type.caseSensitive === false;

/** The type in DDL; ALTER COLUMN without COLLATE would fall back to the collation of the database. */
export function columnType(column: Column): string {
  const collation = collationOf(column);
  return collation && /char|text/.test(typeText(column.type))
    ? `${typeText(column.type)} COLLATE ${collation}`
    : typeText(column.type);
}

/** Whether a change only makes room in a column of variable length, which indexes, checks and unique constraints bear. */
export function onlyGrows(before: Column, after: Column): boolean {
  const [old, next] = [sized(typeText(before.type)), sized(typeText(after.type))];
  return (
    old !== null &&
    next !== null &&
    old.base === next.base &&
    next.length >= old.length &&
    next.length <= 8000 &&
    before.nullable === after.nullable &&
    collationOf(before) === collationOf(after)
  );
}

function sized(text: string): { base: string; length: number } | null {
  const [, base, length] = /^(n?varchar|varbinary)\((\d+|max)\)$/i.exec(text) ?? [];
  return base && length
    ? { base: base.toLowerCase(), length: length === 'max' ? 2 ** 31 : Number(length) }
    : null;
}

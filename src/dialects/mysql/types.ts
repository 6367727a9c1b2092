import type { ColumnType } from '../../schema/column-type.js';
import type { Column } from '../../schema/table.js';
import type { Flavour } from './flavour.js';

/** MLflow asks for this where case matters (mysql.VARCHAR(…, collation="utf8mb4_bin")). */
export const exact = { charset: 'utf8mb4', collation: 'utf8mb4_bin' };

/** The type as information_schema tells it, without the display widths of old servers. */
export function typeText(type: ColumnType, flavour: Flavour): string {
  switch (type.kind) {
    case 'native':
      return bareType(type.text);
    case 'string':
      return `varchar(${type.length})`;
    case 'text':
      return `${type.size ?? ''}text`;
    case 'float':
      return type.precision ? 'double' : 'float';
    case 'integer':
      return 'int';
    case 'boolean':
      return 'tinyint(1)';
    case 'binary':
      return 'blob';
    case 'json':
      return flavour === 'mariadb' ? 'longtext' : 'json';
    default:
      return type.kind;
  }
}

/** `int(11)` is `int`; `tinyint(1)` is how a boolean is told apart. */
const bareType = (text: string): string =>
  text.toLowerCase() === 'tinyint(1)'
    ? 'tinyint(1)'
    : text.toLowerCase().replace(/^(tinyint|smallint|mediumint|int|bigint)\(\d+\)/, '$1');

export const isExact = (type: ColumnType): boolean => type.kind === 'string' && type.caseSensitive === true;

export function sameTypeOn(flavour: Flavour) {
  return (type: ColumnType, column: Column): boolean =>
    typeText(type, flavour) === typeText(column.type, flavour) &&
    (!isExact(type) || hasExact(column)) &&
    (!foldsCase(type) || !hasExact(column));
}

const hasExact = (column: Column): boolean => isExact(column.type) || column.collation === exact.collation;

/** Said of a type that told case apart and shall not any more. */
const foldsCase = (type: ColumnType): boolean => type.kind === 'string' && type.caseSensitive === false;

/** The type in DDL; a JSON column of MariaDB's brings its check along. */
export function columnType(column: Column, flavour: Flavour): string {
  const { type } = column;
  if (type.kind === 'json') return 'JSON';
  const text = type.kind === 'native' ? type.text : typeText(type, flavour);
  if (isExact(type)) return `${text} CHARACTER SET ${exact.charset} COLLATE ${exact.collation}`;
  return column.collation && type.kind === 'native'
    ? `${text} CHARACTER SET ${charsetOf(column.collation)} COLLATE ${column.collation}`
    : text;
}

/** A collation belongs to one character set, whose name it begins with. */
export const charsetOf = (collation: string): string => collation.split('_', 1)[0] as string;

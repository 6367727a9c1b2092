import type { ForeignKey, Unique } from '../../schema/table.js';
import { nameText, quote } from './quote.js';

const tableId = (table: string): string => `OBJECT_ID(${nameText(quote(table))}, N'U')`;

const columnId = (table: string, column: string): string =>
  `COLUMNPROPERTY(${tableId(table)}, ${nameText(column)}, 'ColumnId')`;

/** A batch that drops the constraints of a table that `from` finds in the catalog, whatever the server called them. */
const dropFound = (table: string, from: string): string =>
  `DECLARE @drop nvarchar(max) = (SELECT STRING_AGG(CAST(${nameText(
    `ALTER TABLE ${quote(table)} DROP CONSTRAINT `,
  )} + QUOTENAME(k.name) AS nvarchar(max)), N'; ') FROM ${from});\nIF @drop IS NOT NULL EXEC(@drop)`;

/** Drops the default of a column; a column cannot go or get another default before. */
export const dropDefault = (table: string, column: string): string =>
  dropFound(
    table,
    `sys.default_constraints k WHERE k.parent_object_id = ${tableId(table)} AND k.parent_column_id = ${columnId(table, column)}`,
  );

/** Drops a unique constraint by its columns. */
export const dropUnnamedUnique = (table: string, unique: Unique): string =>
  dropFound(
    table,
    `sys.key_constraints k WHERE k.parent_object_id = ${tableId(table)} AND k.type = 'UQ' AND ${columnsAre(
      `sys.index_columns x WHERE x.object_id = k.parent_object_id AND x.index_id = k.unique_index_id`,
      { object: 'x.object_id', column: 'x.column_id', order: 'x.key_ordinal' },
      unique.columns,
    )}`,
  );

/** Drops a foreign key by its columns and where they point. */
export const dropUnnamedForeignKey = (table: string, key: ForeignKey): string =>
  dropFound(
    table,
    `sys.foreign_keys k WHERE k.parent_object_id = ${tableId(table)} AND k.referenced_object_id = ${tableId(key.refTable)} AND ${columnsAre(
      'sys.foreign_key_columns x WHERE x.constraint_object_id = k.object_id',
      { object: 'x.parent_object_id', column: 'x.parent_column_id', order: 'x.constraint_column_id' },
      key.columns,
    )}`,
  );

/** Drops the checks of a table that name one column and that the server named itself; it tells columns in brackets. */
export const dropUnnamedChecks = (table: string, column: string): string =>
  dropFound(
    table,
    `sys.check_constraints k WHERE k.parent_object_id = ${tableId(table)} AND k.is_system_named = 1 AND CHARINDEX(${nameText(bracketed(column))}, k.[definition]) > 0`,
  );

const bracketed = (name: string): string => `[${name.replaceAll(']', ']]')}]`;

interface Position {
  readonly object: string;
  readonly column: string;
  readonly order: string;
}

const columnsAre = (from: string, at: Position, columns: readonly string[]): string =>
  `(SELECT STRING_AGG(QUOTENAME(COL_NAME(${at.object}, ${at.column})), N',') WITHIN GROUP (ORDER BY ${at.order}) FROM ${from}) = ${nameText(
    columns.map(bracketed).join(','),
  )}`;

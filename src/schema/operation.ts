import type { ColumnType } from './column-type.js';
import type { RowWork } from './row-work.js';
import type { Check, Column, Default, ForeignKey, Identity, Index, Table, Trigger, Unique } from './table.js';

/**
 * What a revision does, as values. `apply` folds them over a schema, a dialect compiles them to SQL; nothing about
 * a change is written twice.
 */
export type Operation =
  | { readonly kind: 'createTable'; readonly table: Table; readonly ifMissing?: boolean }
  /** Only on the way down: no revision of MLflow's drops a table. None is fine. */
  | { readonly kind: 'dropTable'; readonly table: string }
  | {
      readonly kind: 'addColumn';
      readonly table: string;
      readonly column: Column;
      readonly ifMissing?: boolean;
    }
  | { readonly kind: 'dropColumn'; readonly table: string; readonly column: string }
  | {
      readonly kind: 'alterColumn';
      readonly table: string;
      readonly column: string;
      readonly change: ColumnChange;
      /** In a repair: the column gets exactly these words, also where a revision would take others for the same. */
      readonly exactly?: true;
    }
  | { readonly kind: 'renameColumn'; readonly table: string; readonly column: string; readonly to: string }
  | {
      readonly kind: 'replacePrimaryKey';
      readonly table: string;
      readonly name: string;
      readonly columns: readonly string[];
    }
  | { readonly kind: 'addUnique'; readonly table: string; readonly unique: Unique }
  /** Drops the unique constraint or unique index on exactly these columns, whatever its name; none is fine. */
  | { readonly kind: 'dropUnique'; readonly table: string; readonly columns: readonly string[] }
  | { readonly kind: 'addForeignKey'; readonly table: string; readonly foreignKey: ForeignKey }
  /** Drops every foreign key from `table` to `refTable` (on exactly `columns`, where given), whatever its name. */
  | {
      readonly kind: 'dropForeignKey';
      readonly table: string;
      readonly refTable: string;
      readonly columns?: readonly string[];
      /** Only the one of this name. */
      readonly name?: string;
      /** MLflow raises an error of its own when there is none. */
      readonly mustExist?: boolean;
    }
  | { readonly kind: 'addCheck'; readonly table: string; readonly check: Check }
  /** `CHECK (column IN (0, 1))`, on servers whose BOOLEAN is a number. */
  | { readonly kind: 'addBooleanCheck'; readonly table: string; readonly column: string }
  | {
      readonly kind: 'dropCheck';
      readonly table: string;
      readonly name: string | null;
      /** Found by what it says, whatever its name; the name counts where the server tells it in other words. */
      readonly expression?: string;
      /** How many checks that say this stay, the oldest; the default is none. */
      readonly keep?: number;
    }
  | { readonly kind: 'createIndex'; readonly table: string; readonly index: Index }
  | { readonly kind: 'dropIndex'; readonly table: string; readonly name: string }
  | { readonly kind: 'createTrigger'; readonly table: string; readonly trigger: Trigger }
  /** With the function it calls, where it calls one; none is fine. */
  | { readonly kind: 'dropTrigger'; readonly table: string; readonly trigger: Trigger }
  | {
      readonly kind: 'insertRow';
      readonly table: string;
      readonly row: Readonly<Record<string, string | number>>;
    }
  /** Steps that MLflow takes on some servers only; the revision's file says why. */
  | { readonly kind: 'only'; readonly dialects: readonly string[]; readonly up: readonly Operation[] }
  | RowWork;

export interface ColumnChange {
  readonly type?: ColumnType;
  readonly nullable?: boolean;
  readonly default?: Default | null;
  /** In a repair only; null: the collation of its table. */
  readonly collation?: string | null;
  /** In a repair only. */
  readonly identity?: Identity | null;
  /** In a repair only: its values stay, and are computed no more. */
  readonly generated?: null;
}

export const createTable = (table: Table, options: { ifMissing?: boolean } = {}): Operation => ({
  kind: 'createTable',
  table,
  ...options,
});
export const dropTable = (table: string): Operation => ({ kind: 'dropTable', table });
export const addColumn = (
  table: string,
  column: Column,
  options: { ifMissing?: boolean } = {},
): Operation => ({ kind: 'addColumn', table, column, ...options });
export const dropColumn = (table: string, column: string): Operation => ({
  kind: 'dropColumn',
  table,
  column,
});
export const alterColumn = (table: string, column: string, change: ColumnChange): Operation => ({
  kind: 'alterColumn',
  table,
  column,
  change,
});
/** Of a repair: the column gets exactly these words. */
export const alterExactly = (table: string, column: string, change: ColumnChange): Operation => ({
  ...{ kind: 'alterColumn', table, column, change },
  exactly: true,
});
export const renameColumn = (table: string, column: string, to: string): Operation => ({
  kind: 'renameColumn',
  table,
  column,
  to,
});
export const replacePrimaryKey = (table: string, name: string, columns: readonly string[]): Operation => ({
  kind: 'replacePrimaryKey',
  table,
  name,
  columns,
});
export const addUnique = (table: string, unique: Unique): Operation => ({ kind: 'addUnique', table, unique });
export const dropUnique = (table: string, columns: readonly string[]): Operation => ({
  kind: 'dropUnique',
  table,
  columns,
});
export const addForeignKey = (table: string, foreignKey: ForeignKey): Operation => ({
  kind: 'addForeignKey',
  table,
  foreignKey,
});
export const dropForeignKey = (
  table: string,
  refTable: string,
  options: { columns?: readonly string[]; name?: string; mustExist?: boolean } = {},
): Operation => ({ kind: 'dropForeignKey', table, refTable, ...options });
export const addCheck = (table: string, check: Check): Operation => ({ kind: 'addCheck', table, check });
export const addBooleanCheck = (table: string, column: string): Operation => ({
  kind: 'addBooleanCheck',
  table,
  column,
});
export const dropCheck = (table: string, name: string): Operation => ({ kind: 'dropCheck', table, name });
/** Drops a check by what it says, or by the name it should have, but for the `keep` oldest that say the same. */
export const dropCheckSaying = (table: string, { name, expression }: Check, keep: number): Operation => ({
  ...{ kind: 'dropCheck', table, name, expression, keep },
});
export const createIndex = (table: string, index: Index): Operation => ({
  kind: 'createIndex',
  table,
  index,
});
export const dropIndex = (table: string, name: string): Operation => ({ kind: 'dropIndex', table, name });
export const createTrigger = (table: string, trigger: Trigger): Operation => ({
  kind: 'createTrigger',
  table,
  trigger,
});
export const dropTrigger = (table: string, trigger: Trigger): Operation => ({
  kind: 'dropTrigger',
  table,
  trigger,
});
export const insertRow = (table: string, row: Readonly<Record<string, string | number>>): Operation => ({
  kind: 'insertRow',
  table,
  row,
});
export const only = (dialects: readonly string[], ...up: readonly Operation[]): Operation => ({
  kind: 'only',
  dialects,
  up,
});

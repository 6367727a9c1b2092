import { goldenAt } from '../support/fixtures.js';
import type { ServerKind } from '../support/server-kinds.js';

export interface GoldenColumn {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  readonly default: string | null;
  readonly generated: { readonly expression: string; readonly stored: boolean } | null;
  readonly identity: string | null;
  readonly collation: string | null;
}

export interface GoldenKey {
  readonly name: string | null;
  readonly columns: readonly string[];
}

export interface GoldenForeignKey extends GoldenKey {
  readonly refTable: string;
  readonly refColumns: readonly string[];
  readonly onDelete: string | null;
  readonly onUpdate: string | null;
}

export interface GoldenCheck {
  readonly name: string | null;
  readonly expression: string;
}

export interface GoldenIndex {
  readonly name: string;
  readonly columns: readonly {
    readonly name: string;
    readonly desc: boolean;
    readonly length: number | null;
  }[];
  readonly unique: boolean;
  readonly include: readonly string[];
  readonly where: string | null;
}

export interface GoldenTrigger {
  readonly name: string;
  readonly sql: string;
}

export interface GoldenTable {
  readonly columns: readonly GoldenColumn[];
  readonly primaryKey: GoldenKey | null;
  readonly uniques: readonly GoldenKey[];
  readonly foreignKeys: readonly GoldenForeignKey[];
  readonly checks: readonly GoldenCheck[];
  readonly indexes: readonly GoldenIndex[];
  readonly triggers: readonly GoldenTrigger[];
}

/** The tables that MLflow itself left at a state, in the server's words. */
export type Golden = Readonly<Record<string, GoldenTable>>;

export const goldenTables = (kind: ServerKind, ordinal: number): Golden =>
  goldenAt(ordinal, kind) as unknown as Golden;

/** Foreign keys of any table that point to `table` (to `column` of it, where given). */
export const keysTo = (
  golden: Golden,
  table: string,
  column?: string,
): { table: string; key: GoldenForeignKey }[] =>
  Object.entries(golden).flatMap(([name, { foreignKeys }]) =>
    foreignKeys
      .filter((key) => key.refTable === table && (column === undefined || key.refColumns.includes(column)))
      .map((key) => ({ table: name, key })),
  );

/** Foreign keys that a column is a part of, on either end. */
export const keysWith = (
  golden: Golden,
  table: string,
  column: string,
): { table: string; key: GoldenForeignKey }[] => [
  ...(golden[table] as GoldenTable).foreignKeys
    .filter((key) => key.columns.includes(column))
    .map((key) => ({ table, key })),
  ...keysTo(golden, table, column).filter((found) => found.table !== table),
];

/** Whether SQL text holds a column's name as a word. */
export const speaksOf = (sql: string, column: string): boolean =>
  new RegExp(`(?<![A-Za-z0-9_])${column}(?![A-Za-z0-9_])`, 'i').test(sql);

export const indexSpeaksOf = (index: GoldenIndex, column: string): boolean =>
  index.columns.some(({ name }) => name === column) ||
  index.include.includes(column) ||
  (index.where !== null && speaksOf(index.where, column));

/** On MySQL an index that the server made for a foreign key: it bears the key's name, or its first column's. */
export const madeForKey = (table: GoldenTable, index: GoldenIndex): boolean =>
  table.foreignKeys.some(
    (key) =>
      index.columns.map(({ name }) => name).join() === key.columns.join() &&
      (index.name === key.name || (/_ibfk_\d+$/.test(key.name ?? '') && index.name === key.columns[0])),
  );

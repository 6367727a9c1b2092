import type { ColumnType } from './column-type.js';

/**
 * A default value. `literal` is what SQLAlchemy's `server_default="0"` means: a quoted string, cast by the server to
 * the column's type. `native` is SQL as a live server reports it.
 */
export type Default =
  | { readonly kind: 'literal'; readonly value: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'native'; readonly sql: string };

export interface Generated {
  readonly expression: string;
  readonly stored: boolean;
}

/** SERIAL is a definition's word (Integer primary key that counts by itself); the others are what servers report. */
export type Identity = 'SERIAL' | 'ALWAYS' | 'BY DEFAULT' | 'AUTO_INCREMENT';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
  readonly default: Default | null;
  readonly generated: Generated | null;
  readonly identity: Identity | null;
  /** Only where it differs from the default of its table or database. */
  readonly collation: string | null;
  /** SQLite: the column is an AUTOINCREMENT key, which must be declared beside the column. */
  readonly autoincrement?: boolean;
  /** SQLite: `ON CONFLICT …` of its NOT NULL. */
  readonly onConflict?: string;
}

export interface PrimaryKey {
  readonly name: string | null;
  readonly columns: readonly string[];
  readonly onConflict?: string;
}

export interface Unique {
  readonly name: string | null;
  readonly columns: readonly string[];
  readonly onConflict?: string;
}

export type ReferentialAction = 'CASCADE' | 'SET NULL' | 'SET DEFAULT' | 'RESTRICT';

export interface ForeignKey {
  readonly name: string | null;
  readonly columns: readonly string[];
  readonly refTable: string;
  readonly refColumns: readonly string[];
  /** null: no action. */
  readonly onDelete: ReferentialAction | null;
  readonly onUpdate: ReferentialAction | null;
  /** What follows the actions (MATCH, DEFERRABLE …), kept as written. */
  readonly suffix?: string;
  /** MySQL, in a repair: it gets its name, though the server would choose another one by now. */
  readonly pinned?: true;
}

export interface Check {
  readonly name: string | null;
  readonly expression: string;
  /** MariaDB: the check is a part of this column and goes with it. */
  readonly ofColumn?: string;
}

export interface IndexColumn {
  readonly name: string;
  readonly desc: boolean;
  /** MySQL: leading characters indexed. */
  readonly length: number | null;
}

export interface Index {
  readonly name: string;
  readonly columns: readonly IndexColumn[];
  readonly unique: boolean;
  readonly include: readonly string[];
  readonly where: string | null;
  /** MySQL: made by the server for a foreign key; it goes when another index serves. */
  readonly implicit?: true;
  /** The whole statement of an index that was found, not made here: it is re-created in its own words. */
  readonly sql?: string;
}

/** A trigger that refuses to let `columns` change, in words every dialect can render; or one found on a server. */
export type Trigger =
  | {
      readonly kind: 'immutable';
      readonly name: string;
      readonly columns: readonly string[];
      readonly message: string;
    }
  | {
      readonly kind: 'native';
      readonly name: string;
      readonly sql: string;
      /** The text of the function it calls, where it calls one. */
      readonly body?: string;
    };

export interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
  readonly primaryKey: PrimaryKey | null;
  readonly uniques: readonly Unique[];
  readonly foreignKeys: readonly ForeignKey[];
  readonly checks: readonly Check[];
  readonly indexes: readonly Index[];
  readonly triggers: readonly Trigger[];
  /** SQLite: STRICT, WITHOUT ROWID. */
  readonly options?: string;
  /** SQLite, of a table that was found: its text names a unique constraint before the primary key. */
  readonly lateKey?: true;
  /** MySQL, of a table that was found: what its columns have that name none. */
  readonly collation?: string;
  /** True where the definition could not be read as a table (a virtual table): it is never touched. */
  readonly opaque?: boolean;
}

/** Table name → table. */
export type Schema = ReadonlyMap<string, Table>;

/** The column of `table` named `name`, or undefined. */
export const columnOf = (table: Table, name: string): Column | undefined =>
  table.columns.find((column) => column.name === name);

/** Whether two lists of names are the same, in order. */
export const sameColumns = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((name, i) => name === b[i]);

/** Whether an index begins with these columns, whole and in this order. */
export const beginsWith = (index: Index, columns: readonly string[]): boolean =>
  columns.every((name, i) => index.columns[i]?.name === name && index.columns[i]?.length === null);

/** Whether an INSERT that leaves the column out is refused. */
export const needsValue = (column: Column): boolean =>
  !column.nullable && column.default === null && !column.generated && !column.identity;

/** A foreign key and the table it belongs to. */
export interface OwnedKey {
  readonly owner: string;
  readonly key: ForeignKey;
}

/** The foreign keys of all tables with one of these columns of `table` at either end. */
export const foreignKeysOn = (
  schema: Schema,
  table: string,
  isConcerned: (column: string) => boolean,
): OwnedKey[] =>
  [...schema.values()].flatMap(({ name: owner, foreignKeys }) =>
    foreignKeys
      .filter(
        (key) =>
          (owner === table && key.columns.some(isConcerned)) ||
          (key.refTable === table && key.refColumns.some(isConcerned)),
      )
      .map((key) => ({ owner, key })),
  );

import type { ColumnType } from './column-type.js';
import type { Check, Column, Default, ForeignKey, Index, ReferentialAction, Table, Unique } from './table.js';

interface ColumnOptions {
  nullable?: boolean;
  default?: Default;
  identity?: Column['identity'];
  generated?: Column['generated'];
}

/** A column of a revision; nullable unless said otherwise. */
export const column = (name: string, type: ColumnType, options: ColumnOptions = {}): Column => ({
  name,
  type,
  nullable: options.nullable ?? true,
  default: options.default ?? null,
  generated: options.generated ?? null,
  identity: options.identity ?? null,
  collation: null,
});

/** A column that is NOT NULL. */
export const required = (name: string, type: ColumnType, options: ColumnOptions = {}): Column =>
  column(name, type, { ...options, nullable: false });

/** `DEFAULT '…'`: the text that SQLAlchemy's `server_default` quotes. */
export const literal = (value: string): Default => ({ kind: 'literal', value });

/** The server's own false: 0 where booleans are numbers. */
export const FALSE: Default = { kind: 'boolean', value: false };

interface ForeignKeyOptions {
  name?: string;
  onDelete?: ReferentialAction;
  onUpdate?: ReferentialAction;
}

/** A foreign key; without a name the server chooses one. */
export const foreignKey = (
  columns: readonly string[],
  refTable: string,
  refColumns: readonly string[],
  options: ForeignKeyOptions = {},
): ForeignKey => ({
  name: options.name ?? null,
  columns,
  refTable,
  refColumns,
  onDelete: options.onDelete ?? null,
  onUpdate: options.onUpdate ?? null,
});

export const unique = (columns: readonly string[], name: string | null = null): Unique => ({ name, columns });

export const check = (expression: string, name: string | null = null): Check => ({ name, expression });

interface IndexOptions {
  unique?: boolean;
  include?: readonly string[];
  where?: string;
  /** MySQL: how many leading characters of a column are indexed. */
  prefix?: Readonly<Record<string, number>>;
}

/** An index; a column written `name DESC` is descending. */
export const index = (name: string, columns: readonly string[], options: IndexOptions = {}): Index => ({
  name,
  columns: columns.map((text) => {
    const [column, order] = text.split(' ') as [string, string?];
    return { name: column, desc: order === 'DESC', length: options.prefix?.[column] ?? null };
  }),
  unique: options.unique ?? false,
  include: options.include ?? [],
  where: options.where ?? null,
});

interface TableParts {
  columns: readonly Column[];
  primaryKey: readonly [name: string, columns: readonly string[]];
  uniques?: readonly Unique[];
  foreignKeys?: readonly ForeignKey[];
  checks?: readonly Check[];
}

/** A table as a revision creates it; its indexes and triggers are operations of their own. */
export const table = (name: string, parts: TableParts): Table => ({
  name,
  columns: parts.columns,
  primaryKey: { name: parts.primaryKey[0], columns: parts.primaryKey[1] },
  uniques: parts.uniques ?? [],
  foreignKeys: parts.foreignKeys ?? [],
  checks: parts.checks ?? [],
  indexes: [],
  triggers: [],
});

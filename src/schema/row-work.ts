import type { SetWords } from './set-words.js';

/** A row as a driver gives it; integers beyond 2^53 come as text where the work asked for text. */
export type Row = Record<string, unknown>;

/** A column that gets bound values, and their type. */
export interface BoundColumn {
  readonly name: string;
  readonly type: 'text' | 'bigint' | 'integer' | 'double' | 'boolean';
}

/** `(?, ?), (?, ?)`: as many rows of bound values as asked for. */
export function tuples(
  words: Pick<RowContext, 'bind'>,
  columns: readonly BoundColumn[],
  count: number,
): string {
  const tuple = `(${columns.map((column) => words.bind(column.type)).join(', ')})`;
  return Array<string>(count).fill(tuple).join(', ');
}

/** A condition and the values it binds. */
export interface Condition {
  readonly sql: string;
  readonly params: readonly unknown[];
}

/** What row work may use of the database; the dialect gives it, so that no revision names a driver. */
export interface RowContext {
  /** Rows of one statement; `?` binds. Only for results of bounded size. */
  query<T extends Row = Row>(sql: string, params?: readonly unknown[]): Promise<T[]>;
  /** Runs one statement; `?` binds. Returns the number of rows it touched. */
  execute(sql: string, params?: readonly unknown[]): Promise<number>;
  /** An identifier, quoted where the dialect needs it. */
  quote(name: string): string;
  /** An expression that orders a table as a plain scan of it reads (`rowid`, `ctid`, the clustered key). */
  scanOrder(table: string): string;
  /** What the dialect needs around a bound value to give it a column's type (`?::bigint`, `CAST(? AS …)`, `?`). */
  bind(type: BoundColumn['type']): string;
  /** An integer expression as text, because a 64-bit integer does not fit a JavaScript number. */
  asText(expression: string): string;
  /** How many characters a text has, as an expression. */
  characters(expression: string): string;
  /** The end of a SELECT with ORDER BY that returns at most `count` rows. */
  limit(count: number): string;
  /** Whether text columns, compared as one row value, come after `values`; in a form that reads an index. */
  after(columns: readonly string[], values: readonly unknown[]): Condition;
  /** The contrary of `after`: whether they come no later than `values`. */
  upTo(columns: readonly string[], values: readonly unknown[]): Condition;
  /**
   * Updates many rows with one statement: each row is the values of `keys`, then those of `values`; no more rows
   * than `maxBindings` allows. Returns how many rows were found.
   */
  updateRows(
    table: string,
    keys: readonly BoundColumn[],
    values: readonly BoundColumn[],
    rows: readonly (readonly unknown[])[],
  ): Promise<number>;
  /**
   * Keeps other sessions from writing to tables until the upgrade is through, where the server can. False where it
   * cannot: rows may come at any moment.
   */
  lockOut(tables: readonly string[]): Promise<boolean>;
  /** The names of a table's columns, in their order; empty where there is no such table. */
  columnsOf(table: string): Promise<string[]>;
  /** The greatest number of values one statement may bind. */
  readonly maxBindings: number;
  /** Whether VARCHAR(n) refuses longer values (SQLite does not). */
  readonly enforcesLengths: boolean;
  /** Whether text may hold U+0000 (PostgreSQL's may not). */
  readonly storesNul: boolean;
  /** Whether MLflow reads float columns that it did not declare with ten decimals, as SQLAlchemy makes it on MySQL. */
  readonly readsTenDecimals: boolean;
  /** Whether a derived table may name columns of the query around its subquery. */
  readonly correlatesDerived: boolean;
  /** How rows are worked on inside the server, where it can be asked exactly; else they stream. */
  readonly sets: SetWords | null;
  /** Whether INSERT takes rows in the order of its SELECT, and `ON CONFLICT (key) DO NOTHING` passes over all but the first of a key. */
  readonly keepsFirst?: boolean;
  /** Where the greatest row of a group is found faster along an index than by numbering rows. */
  readonly alongIndex?: AlongIndex;
  /** The text of a JSON column, as an expression. */
  jsonText(expression: string): string;
  /** Tells how far the work is, in rows. */
  progress(done: number, total?: number): void;
  /** Something the operator should know afterwards. */
  warn(message: string): void;
  /** Moment of the migration, milliseconds since the epoch, to be bound: a script binds the server's own clock. */
  readonly now: unknown;
  /** Throws when the upgrade was asked to stop. */
  checkpoint(): void;
  /** Set where the work is written down instead of done: statements are noted, and nothing is changed. */
  readonly script?: ScriptWords;
}

/** How the greatest row of a group is found along an index. */
export interface AlongIndex {
  /** Whether a table has an index that begins with the column: without one each group would be looked for in the whole table. */
  has(table: string, column: string): Promise<boolean>;
  /** Two 64-bit integers as one exact number, which is greater where the first is, or with equal ones the second. */
  pair(first: string, second: string): string;
}

/** What row work may say in a script beside its statements. */
export interface ScriptWords {
  /** The script stops with `reason`, in one line, unless the condition holds when it comes here. */
  assert(condition: string, reason: string): Promise<void>;
  /** A table as it will be when the script comes here, made of what is there now. */
  source(table: string): string;
}

/** A table to read from, for FROM: in a script its columns or itself may still be missing. */
export const source = (context: RowContext, table: string): string =>
  context.script?.source(table) ?? context.quote(table);

/** A reason not to start: which rows a later step would refuse, and what to do about it. */
export interface Refusal {
  readonly message: string;
}

/** Values that MLflow's own migration does not carry over, or changes. */
export interface Discard {
  /** What happens to what: "token usage that is no JSON object is dropped". */
  readonly what: string;
  readonly count: number;
  /** The first of them, by key. */
  readonly examples: readonly string[];
}

/**
 * Rows from which values are worked out here and not by the server. A script carries such values as literals, and
 * stops when the rows are others by then.
 */
export interface Source {
  readonly table: string;
  /** The columns that decide; those that are not there yet are left out. */
  readonly columns: readonly string[];
  /** Columns that the work itself fills: they decide as well until it has. */
  readonly filled?: readonly string[];
  /** Only these rows; over `columns`. */
  readonly where?: (context: Pick<RowContext, 'quote'>) => string;
  /**
   * The rows that alone make the work necessary: `any`, or those with a value in one column. Without it they only
   * matter beside others. A script that was written without a database stops when there is one.
   */
  readonly needs?: 'any' | { readonly column: string };
}

/**
 * Work on rows. It is set-based SQL where the server can say it, and streams in bounded batches where not; it never
 * holds a table in memory.
 */
export interface RowWork {
  readonly kind: 'rows';
  /** For the plan and the progress line: "copy the latest metrics". */
  readonly title: string;
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  /** It keeps writers off the tables it reads and writes, where the server can. */
  readonly locksOut?: boolean;
  /** New tables that it inserts into and nothing else, so that it does without their keys. */
  readonly fills?: readonly string[];
  /** Tables whose rows it reads into this process, in pages; the rest is done inside the server. */
  readonly streams?: readonly string[];
  /** Looks for rows that MLflow refuses; runs before the first change, when the tables it reads exist. */
  readonly preflight?: (context: RowContext) => Promise<readonly Refusal[]>;
  /** Counts what will be lost, as MLflow loses it; reads the schema as it is before the upgrade. */
  readonly discards?: (context: RowContext) => Promise<readonly Discard[]>;
  /** The rows that `run` reads to work values out by itself; none where it is SQL alone. */
  readonly sources?: readonly Source[];
  readonly run: (context: RowContext) => Promise<void>;
}

/** Rows of a table by their keys: after `after` and no later than `upTo`, each the values of the key's columns. */
export interface Piece {
  readonly after?: readonly unknown[];
  readonly upTo?: readonly unknown[];
}

/** Row work of a revision that may be done ahead of it, piece by piece, while the MLflow before it works on. */
export interface Ahead {
  /** The tables whose new columns it fills, in that order. */
  readonly tables: readonly string[];
  /** The next `count` rows of a table after a key; null where there are none. */
  readonly next: (
    context: RowContext,
    table: string,
    after: readonly unknown[] | undefined,
    count: number,
  ) => Promise<Piece | null>;
  /** Fills the rows of a piece; those that hold their values already are not written. */
  readonly fill: (
    context: RowContext,
    table: string,
    piece: Piece,
    progress: (rows: number) => void,
  ) => Promise<void>;
}

/** Row work as an operation of a revision. */
export const rows = (work: Omit<RowWork, 'kind'>): RowWork => ({ kind: 'rows', ...work });

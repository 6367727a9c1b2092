/** A row as a driver gives it; integers beyond 2^53 come as text where the work asked for text. */
export type Row = Record<string, unknown>;

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
  bind(type: 'text' | 'bigint' | 'integer' | 'double' | 'boolean'): string;
  /** The greatest number of values one statement may bind. */
  readonly maxBindings: number;
  /** Whether VARCHAR(n) refuses longer values (SQLite does not). */
  readonly enforcesLengths: boolean;
  /** Whether text may hold U+0000 (PostgreSQL's may not). */
  readonly storesNul: boolean;
  /** The text of a JSON column, as an expression. */
  jsonText(expression: string): string;
  /** Tells how far the work is, in rows. */
  progress(done: number, total?: number): void;
  /** Something the operator should know afterwards. */
  warn(message: string): void;
  /** Moment of the migration, milliseconds since the epoch. */
  readonly now: number;
  /** Throws when the upgrade was asked to stop. */
  checkpoint(): void;
}

/** A reason not to start: which rows a later step would refuse, and what to do about it. */
export interface Refusal {
  readonly message: string;
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
  /** Looks for rows that MLflow refuses; runs before the first change, when the tables it reads exist. */
  readonly preflight?: (context: RowContext) => Promise<readonly Refusal[]>;
  readonly run: (context: RowContext) => Promise<void>;
}

/** Row work as an operation of a revision. */
export const rows = (work: Omit<RowWork, 'kind'>): RowWork => ({ kind: 'rows', ...work });

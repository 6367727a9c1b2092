import type { Row, RowContext } from '../schema/row-work.js';
import type { Column, Schema, Table } from '../schema/table.js';
import type { SqlContext } from './dialect.js';

/** What asks a database, and what carries statements out or notes them. */
export type Asking = Pick<RowContext, 'query' | 'execute'>;

/** Rows whose every change must be noticed. */
export interface Watched {
  /** The table. */
  readonly name: string;
  /** Columns of it, with the types they have. */
  readonly columns: readonly Pick<Column, 'name' | 'type'>[];
  /** Only these rows. */
  readonly where?: string;
}

/** A condition of a script, and what is said where it does not hold. */
export interface Assertion {
  readonly condition: string;
  readonly reason: string;
}

/** Statements around others. */
export interface Around {
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/**
 * A script in the words of one server and of its own command line client, which stops at the first error. Every
 * method that returns lines returns them complete: with terminators, without the newline at the end.
 */
export interface ScriptLanguage {
  /** How a script is run: "sqlite3 mlflow.db < upgrade.sql". */
  readonly usage: string;
  comment(text: string): string;
  /** The client's and the session's settings, and the beginning of the transaction. */
  opening(): readonly string[];
  /** Settings of the live session that the script needs as well. */
  settings?(ask: Pick<Asking, 'query'>): Promise<readonly string[]>;
  /** The lock that keeps other runners out. */
  lock(): readonly string[];
  closing(): readonly string[];
  /** One statement, as the client must get it. */
  statement(sql: string): string;
  /** Stops the script with `reason` unless `condition` holds; NULL does not hold. */
  assert(assertion: Assertion): string;
  /** SQL with every `?` replaced by the literal of its value. */
  inline(sql: string, params: readonly unknown[]): string;
  /** The server's own clock, to be bound: milliseconds since the epoch. */
  readonly now: unknown;
  /** Whether a table is there, as a condition. */
  hasTable(name: string): string;
  /** How names are quoted. */
  readonly words: Pick<SqlContext, 'quote'>;
  /** What row work says on this server; `ask` takes its statements. */
  context(ask: Asking): SqlContext;
  /** Keeps other sessions from writing to tables until the end; empty where the server cannot, or has done so. */
  lockOut(tables: readonly string[]): readonly string[];
  /** What can be selected from: `wanted`, made of what is there now, which may lack columns or be missing. */
  source(found: Table | undefined, wanted: Table): string;
  /** Reads rows; the condition holds for as long as they stay as they are. */
  unchanged(ask: Pick<Asking, 'query'>, rows: Watched): Promise<string>;
  /** What makes values look the same here and in the script, to be run before `unchanged`. */
  readonly readSettings: readonly string[];
  /** What the server forgets when tables are replaced; without `ask` there is no database to look at. */
  around?(replaced: readonly string[], ask: Pick<Asking, 'query'> | null): Promise<Around>;
  /** Notes dangling keys before, and stops when there are others after. */
  keepKeys?(before: Schema, after: Schema): Around;
  /** That tables are what was expected, or with `ask` what they are now, where replacing them would lose the rest. */
  asExpected?(tables: readonly Table[], ask: Pick<Asking, 'query'> | null): Promise<readonly Assertion[]>;
}

/** SQL that stands for a value that is bound. */
export class Expression {
  constructor(readonly sql: string) {}
}

/** SQL of our own with its values in place; a `?` inside quotes is none of ours. */
export function inlineWith(literal: (value: unknown) => string) {
  return (sql: string, params: readonly unknown[]): string => {
    let at = 0;
    const text = sql.replace(/'(?:[^']|'')*'|"[^"]*"|`[^`]*`|\?/g, (found) => {
      if (found !== '?') return found;
      if (at >= params.length) throw new Error(`more places than values in: ${sql}`);
      return spelled(params[at++], literal);
    });
    if (at !== params.length) throw new Error(`${params.length} values for ${at} places in: ${sql}`);
    return text;
  };
}

/** Row work may also bind SQL of its own, as mysql2 takes it. */
function spelled(value: unknown, literal: (value: unknown) => string): string {
  if (value instanceof Expression) return value.sql;
  const own = value as { toSqlString?: () => string } | null;
  return typeof own?.toSqlString === 'function' ? own.toSqlString() : literal(value);
}

/** `wanted`, made of what is there; `missing` says what a column holds that is still to come. */
export function sourceWith(quote: (name: string) => string, missing: (column: Column) => string) {
  return (found: Table | undefined, wanted: Table): string => {
    const absent = wanted.columns.filter(
      ({ name }) => !found?.columns.some((column) => column.name === name),
    );
    if (found && absent.length === 0) return quote(found.name);
    const added = absent.map((column) => `${missing(column)} AS ${quote(column.name)}`);
    return found
      ? `(SELECT now_there.*, ${added.join(', ')} FROM ${quote(found.name)} AS now_there)`
      : `(SELECT ${added.join(', ')} FROM (SELECT 1 AS one) AS none_there WHERE 1 = 0)`;
  };
}

/** The default of a column that is added to rows that are there, as a literal; null where it has none of its own. */
export const addedDefault = ({ default: value }: Column): string | boolean | null =>
  value?.kind === 'literal' || value?.kind === 'boolean' ? value.value : null;

/** One value of one row. */
export async function single<T>(ask: Pick<Asking, 'query'>, sql: string): Promise<T> {
  const [row] = await ask.query<Row & { value: T }>(sql);
  return row?.value as T;
}

/** Every line behind the two characters that begin a comment. */
export const dashed = (text: string): string =>
  text
    .split(/\r?\n/)
    .map((line) => (line === '' ? '--' : `-- ${line}`))
    .join('\n');

/** A reason in one line, so that no client breaks it. */
export const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

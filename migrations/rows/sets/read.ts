import {
  type BoundColumn,
  type Row,
  type RowContext,
  type SetWords,
  source,
} from '../../../src/schema/index.js';
import { inRange, type KeyRange, portions } from '../ranges.js';
import type { Level } from './levels.js';
import { oddKeys } from './odd-keys.js';

/** Of one source, what the server reads as Python does; a condition that is NULL counts as FALSE. */
export interface Plain {
  /** The name of the source. */
  readonly of: string;
  readonly levels: readonly Level[];
  readonly plain: string;
}

/** Where a value comes from. */
export interface ValueSource {
  /** A table that `joins` joins, with the same key's columns; without it the filled table, `t`, or its parents. */
  readonly from?: { readonly table: string; readonly alias: string; readonly where: string };
  readonly value: string;
}

/** Rows of a table with what other columns and tables say of them. */
export interface Reading {
  readonly table: string;
  /** The text columns of its primary key. */
  readonly key: readonly string[];
  /** Columns of its own that are read as they are, 64-bit integers as text. */
  readonly filled: readonly BoundColumn[];
  readonly sources: Readonly<Record<string, ValueSource>>;
  /** Joins of tables without whose row there is nothing to fill. */
  readonly parents?: (table: (name: string) => string) => readonly string[];
  /** Joins of other tables, each of which finds one row at most. */
  readonly joins: (table: (name: string) => string) => readonly string[];
}

/** Which of its sources the server reads by itself. */
export interface Sets {
  readonly words: SetWords;
  readonly sources: readonly Plain[];
}

/** So many rows that are not plain are read at once, wherever in the table they are. */
const FEW = 1000;

/** The rows that are not plain, where they are few; else null. */
export async function fewOdd(
  context: RowContext,
  reading: Reading,
  sets: Sets,
  range: KeyRange,
): Promise<Row[] | null> {
  const rows = await oddRows(context, reading, sets, range, FEW);
  return rows.length < FEW ? rows : null;
}

/** All rows that are not plain, or all where nothing goes by sets; in pages. */
export async function* allOdd(
  context: RowContext,
  reading: Reading,
  plain: (words: SetWords) => readonly Plain[],
): AsyncGenerator<Row[]> {
  const sets = context.sets && { words: context.sets, sources: plain(context.sets) };
  const few = sets && (await fewOdd(context, reading, sets, {}));
  if (few) return yield few;
  for await (const { range } of portions(context, reading.table, reading.key, {}))
    yield await oddRows(context, reading, sets, range);
}

/** The rows of a range of which a source is not plain, or all where nothing goes by sets; the first of them. */
export async function oddRows(
  context: RowContext,
  reading: Reading,
  sets: Sets | null,
  range: KeyRange,
  limit?: number,
): Promise<Row[]> {
  const { key, filled } = reading;
  const columns = [
    ...key.map((column) => `t.${column}`),
    ...filled.map(({ name, type }) =>
      type === 'bigint' ? `${context.asText(`t.${name}`)} AS ${name}` : `t.${name}`,
    ),
  ];
  const named = (table: string) => source(context, table);
  if (!sets) {
    const { sql, params } = base(context, reading, columns, named, range);
    return context.query(`SELECT * FROM (${sql}) q ORDER BY ${key.join(', ')}`, params);
  }
  const found = oddKeys(context, reading, sets.words, sets.sources, named, range);
  const { sql } = base(context, reading, columns, named, {}, found.sql);
  const end = limit === undefined ? '' : ` ${context.limit(limit)}`;
  return context.query(`SELECT * FROM (${sql}) q ORDER BY ${key.join(', ')}${end}`, found.params);
}

/** How many rows a range has. */
export async function countRows(
  context: RowContext,
  { table, key }: Pick<Reading, 'table' | 'key'>,
  range: KeyRange,
): Promise<number> {
  const bounds = inRange(context, key, range);
  const [row] = await context.query<{ count: unknown }>(
    `SELECT COUNT(*) AS count FROM ${source(context, table)} t${bounds ? ` WHERE ${bounds.sql}` : ''}`,
    bounds?.params,
  );
  return Number(row?.count ?? 0);
}

export const flag = (condition: string): string => `CASE WHEN ${condition} THEN 1 ELSE 0 END`;

/**
 * The lowest level: the rows of a range with what their values are made of.
 *
 * @param only a query of keys: of these rows alone
 */
export function base(
  context: RowContext,
  { table, key, sources, parents, joins }: Reading,
  columns: readonly string[],
  named: (name: string) => string,
  range: KeyRange,
  only?: string,
): { sql: string; params: readonly unknown[] } {
  const values = Object.entries(sources).map(([name, { value }]) => `${value} AS ${name}`);
  const ofTable = key.map((column) => `t.${column}`);
  const bounds = inRange(context, ofTable, range);
  const match = key.map((column) => `o.${column}_of = t.${column}`).join(' AND ');
  const from = only
    ? `(SELECT DISTINCT * FROM (${only}) k) o JOIN ${named(table)} t ON ${match}`
    : `${named(table)} t`;
  return {
    sql:
      `SELECT ${[...columns, ...values].join(', ')} FROM ${[from, ...(parents?.(named) ?? []), ...joins(named)].join(' ')}` +
      (bounds ? ` WHERE ${bounds.sql}` : ''),
    params: bounds?.params ?? [],
  };
}

import {
  type BoundColumn,
  type Row,
  type RowContext,
  type SetWords,
  source,
} from '../../../src/schema/index.js';
import { inRange, type KeyRange, portions } from '../ranges.js';
import { updateRows } from '../write-rows.js';
import { type Level, levels } from './levels.js';

/** What the server makes of rows by itself. */
export interface InSets {
  readonly levels: readonly Level[];
  /** Of which rows: a condition over the levels that is TRUE or FALSE; and NULL counts as FALSE. */
  readonly plain: string;
  /** An expression for each column that is filled. */
  readonly values: Level;
}

/** How columns of a table are filled from what other columns and tables say. */
export interface Filling {
  readonly table: string;
  /** The text columns of its primary key. */
  readonly key: readonly string[];
  readonly filled: readonly BoundColumn[];
  /** What the values are made of, by name, over the table as `t` and its joins. */
  readonly sources: Level;
  /** The joins; each finds one row at most. */
  readonly joins: (table: (name: string) => string) => readonly string[];
  readonly inSets: (words: SetWords) => InSets;
  /** The values of a row, as it is read: sources and filled columns, 64-bit integers as text. */
  readonly values: (row: Row) => unknown[];
  /** A value that is NULL leaves what is there. */
  readonly keeps: boolean;
}

/**
 * Fills the rows of a range: those that the server reads as Python does with one UPDATE, the others through this
 * process. Rows that hold their values already are not written.
 *
 * @param progress told how many more rows are done
 */
export async function fill(
  context: RowContext,
  filling: Filling,
  range: KeyRange,
  progress: (rows: number) => void,
): Promise<void> {
  const sets = context.sets && { words: context.sets, ...filling.inSets(context.sets) };
  const keys = filling.key.map((name): BoundColumn => ({ name, type: 'text' }));
  // A script says it once for all rows.
  if (sets && context.script) await updateInSets(context, filling, sets, range);
  for await (const portion of portions(context, filling.table, filling.key, range)) {
    if (sets && !context.script) await updateInSets(context, filling, sets, portion.range);
    const updates: unknown[][] = [];
    for (const row of await odd(context, filling, sets, portion.range)) {
      const values = filling
        .values(row)
        .map((value, i) => (filling.keeps ? (value ?? row[nameOf(filling, i)]) : value));
      if (values.some((value, i) => value !== row[nameOf(filling, i)]))
        updates.push([...filling.key.map((column) => row[column]), ...values]);
    }
    await updateRows(context, filling.table, keys, filling.filled, updates);
    progress(portion.rows);
  }
}

const nameOf = ({ filled }: Filling, i: number): string => (filled[i] as BoundColumn).name;

type Sets = InSets & { readonly words: SetWords };

/** Gives the plain rows of a range their values, where they have others. */
async function updateInSets(
  context: RowContext,
  filling: Filling,
  { words, values, ...sets }: Sets,
  range: KeyRange,
): Promise<void> {
  const { table, filled, keeps } = filling;
  const identity = words.identity(filling.key);
  const columns = [
    ...identity.map((column) => `t.${column} AS ${column}_of`),
    ...filled.map(({ name }) => `t.${name} AS old_${name}`),
  ];
  const { sql, params } = base(context, filling, columns, context.quote, range);
  const valued = Object.fromEntries(
    filled.map(({ name }) => [
      `new_${name}`,
      keeps ? `COALESCE(${values[name]}, old_${name})` : (values[name] as string),
    ]),
  );
  const query = levels(words, sql, [...sets.levels, { ...valued, is_plain: flag(sets.plain) }]);
  const same = filled.map(({ name, type }) =>
    words.same(`old_${name}`, `new_${name}`, type === 'text' ? 'text' : 'number'),
  );
  const found = [
    ...identity.map((column) => `${column}_of`),
    ...filled.map(({ name }) => `new_${name}`),
  ].join(', ');
  const names = filled.map(({ name }) => name);
  await context.execute(
    words.update(
      table,
      identity,
      names,
      `SELECT ${found} FROM (${query} ${words.fence}) q WHERE is_plain = 1 AND NOT (${same.map((one) => `(${one})`).join(' AND ')})`,
    ),
    params,
  );
}

/** The rows of a range that do not go by sets. */
async function odd(
  context: RowContext,
  filling: Filling,
  sets: Sets | null,
  range: KeyRange,
): Promise<Row[]> {
  const { key, filled } = filling;
  const columns = [
    ...key.map((column) => `t.${column}`),
    ...filled.map(({ name, type }) =>
      type === 'bigint' ? `${context.asText(`t.${name}`)} AS ${name}` : `t.${name}`,
    ),
  ];
  const { sql, params } = base(context, filling, columns, (table) => source(context, table), range);
  const order = `ORDER BY ${key.join(', ')}`;
  if (!sets) return context.query(`SELECT * FROM (${sql}) q ${order}`, params);
  const read = [...key, ...filled.map(({ name }) => name), ...Object.keys(filling.sources)].join(', ');
  const query = levels(sets.words, sql, [...sets.levels, { is_plain: flag(sets.plain) }]);
  return context.query(
    `SELECT ${read} FROM (${query} ${sets.words.fence}) q WHERE is_plain = 0 ${order}`,
    params,
  );
}

const flag = (condition: string): string => `CASE WHEN ${condition} THEN 1 ELSE 0 END`;

/** The lowest level: the rows of a range with what their values are made of. */
function base(
  context: RowContext,
  filling: Filling,
  columns: readonly string[],
  table: (name: string) => string,
  range: KeyRange,
): { sql: string; params: readonly unknown[] } {
  const sources = Object.entries(filling.sources).map(([name, expression]) => `${expression} AS ${name}`);
  const bounds = inRange(
    context,
    filling.key.map((column) => `t.${column}`),
    range,
  );
  const from = [`${table(filling.table)} t`, ...filling.joins(table)].join(' ');
  return {
    sql: `SELECT ${[...columns, ...sources].join(', ')} FROM ${from}${bounds ? ` WHERE ${bounds.sql}` : ''}`,
    params: bounds?.params ?? [],
  };
}

import type { BoundColumn, Row, RowContext, SetWords } from '../../../src/schema/index.js';
import { type KeyRange, portions } from '../ranges.js';
import { updateRows } from '../write-rows.js';
import { beside, type Level, levels } from './levels.js';
import { base, countRows, fewOdd, flag, oddRows, type Plain, type Reading } from './read.js';

/** What the server makes of rows by itself, where all their sources are plain. */
export interface InSets {
  readonly sources: readonly Plain[];
  /** An expression for each column that is filled. */
  readonly values: Level;
}

/** How columns of a table are filled from what other columns and tables say. */
export interface Filling extends Reading {
  readonly inSets: (words: SetWords) => InSets;
  /** The values of a row, as it is read. */
  readonly values: (row: Row) => unknown[];
  /** A value that is NULL leaves what is there. */
  readonly keeps: boolean;
}

type Sets = InSets & { readonly words: SetWords };

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
  const { table, key } = filling;
  const sets = context.sets && { words: context.sets, ...filling.inSets(context.sets) };
  const whole = sets && (context.script || !sets.words.portions);
  if (sets && whole) {
    await updateInSets(context, filling, sets, range);
    const few = await fewOdd(context, filling, sets, range);
    if (few) {
      await updateOdd(context, filling, few);
      return progress(await countRows(context, filling, range));
    }
  }
  for await (const portion of portions(context, table, key, range)) {
    if (sets && !whole) await updateInSets(context, filling, sets, portion.range);
    await updateOdd(context, filling, await oddRows(context, filling, sets, portion.range));
    progress(portion.rows);
  }
}

/** Gives the plain rows of a range their values, where they have others. */
async function updateInSets(
  context: RowContext,
  filling: Filling,
  { words, values, sources }: Sets,
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
  const plain = sources.map((one) => one.plain).join(' AND ');
  const all = beside(...sources.map((one) => one.levels));
  const query = levels(words, sql, [...all, { ...valued, is_plain: flag(plain) }]);
  const same = filled.map(
    ({ name, type }) => `(${words.same(`old_${name}`, `new_${name}`, type === 'text' ? 'text' : 'number')})`,
  );
  const names = filled.map(({ name }) => name);
  const found = [...identity.map((column) => `${column}_of`), ...names.map((name) => `new_${name}`)];
  await context.execute(
    words.update(
      table,
      identity,
      names,
      `SELECT ${found.join(', ')} FROM (${query} ${words.fence}) q WHERE is_plain = 1 AND NOT (${same.join(' AND ')})`,
    ),
    params,
  );
}

/** Gives rows the values that are worked out here, where they have others. */
async function updateOdd(context: RowContext, filling: Filling, rows: readonly Row[]): Promise<void> {
  const { key, filled, keeps } = filling;
  const keys = key.map((name): BoundColumn => ({ name, type: 'text' }));
  const updates: unknown[][] = [];
  for (const row of rows) {
    const held = filled.map(({ name }) => row[name]);
    const values = filling.values(row).map((value, i) => (keeps ? (value ?? held[i]) : value));
    if (values.some((value, i) => value !== held[i]))
      updates.push([...key.map((column) => row[column]), ...values]);
  }
  await updateRows(context, filling.table, keys, filled, updates);
}

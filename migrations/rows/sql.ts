import type { RowContext } from '../../src/schema/index.js';

/** The pieces of SQL that other servers will want to say differently; all row work takes them from here. */

/** The end of a SELECT that returns at most `count` rows. */
export const limit = (count: number): string => `LIMIT ${count}`;

/** An integer column as text, because a 64-bit integer does not fit a JavaScript number. */
export const asText = (expression: string): string => `CAST(${expression} AS TEXT)`;

/** Whether the columns, compared as one row value, come after the bound values. */
export const after = (context: RowContext, columns: readonly string[]): string =>
  columns.length === 1
    ? `${columns[0]} > ${context.bind('text')}`
    : `(${columns.join(', ')}) > (${columns.map(() => context.bind('text')).join(', ')})`;

/** A list of text constants, each without a quote in it. */
export const constants = (values: readonly string[]): string =>
  values.map((value) => `'${value}'`).join(', ');

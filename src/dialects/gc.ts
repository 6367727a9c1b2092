import type { BoundColumn, Condition, RowContext } from '../schema/row-work.js';

/** How rows are chosen and held for a collection. */
export interface GcModule {
  /** A SELECT whose rows no other session can change until the transaction ends. */
  lockRows(columns: string, table: string, where: string): string;
  /**
   * Whether `column`, an expression, is one of `values`; in a form that reads an index. No more of them than
   * `maxBindings` allows, and at least one.
   */
  oneOf(column: string, type: BoundColumn['type'], values: readonly unknown[]): Condition;
  /**
   * Gives the space of deleted rows back, beside a live server; outside of a transaction.
   *
   * @param tables those that lost rows
   * @returns what became of it, in a phrase
   */
  giveBack(session: Emptied, tables: readonly string[]): Promise<string>;
}

/** What giving back space needs of a session. */
export interface Emptied extends Pick<RowContext, 'query'> {
  readonly sql: Pick<RowContext, 'quote'>;
}

const placeholders = (bind: string, count: number): string => Array<string>(count).fill(bind).join(', ');

/** `column IN (…)`, each value bound as `bind` says. */
export const inList = (column: string, bind: string, values: readonly unknown[]): Condition => ({
  sql: `${column} IN (${placeholders(bind, values.length)})`,
  params: values,
});

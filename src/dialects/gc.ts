import type { BoundColumn, Condition } from '../schema/row-work.js';
import type { Session } from './dialect.js';
import type { GivenBack, GivingBack } from './give-back.js';

/** How rows are chosen and held for a collection. */
export interface GcModule {
  /** A SELECT whose rows no other session can change until the transaction ends. */
  lockRows(columns: string, table: string, where: string): string;
  /** Such rows are locked alone: nobody is kept out but those who want to change the same ones. */
  readonly locksRowsAlone: boolean;
  /**
   * Whether `column`, an expression, is one of `values`; in a form that reads an index. No more of them than
   * `maxBindings` allows, and at least one.
   */
  oneOf(column: string, type: BoundColumn['type'], values: readonly unknown[]): Condition;
  /** The table, as far as the server tells, whose foreign key forbade a change; null: something else went wrong. */
  heldBy(error: unknown): string | null;
  /**
   * Gives the space of deleted rows back, beside a live server; outside of a transaction.
   *
   * @param tables those that lost rows
   */
  giveBack(session: Session, tables: readonly string[], how: GivingBack): Promise<GivenBack>;
}

const placeholders = (bind: string, count: number): string => Array<string>(count).fill(bind).join(', ');

/** `column IN (…)`, each value bound as `bind` says. */
export const inList = (column: string, bind: string, values: readonly unknown[]): Condition => ({
  sql: `${column} IN (${placeholders(bind, values.length)})`,
  params: values,
});

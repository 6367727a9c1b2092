import type { Session, Statement } from '../dialects/dialect.js';
import { SchemaConflict } from '../schema/conflict.js';
import type { Operation } from '../schema/operation.js';
import type { Schema } from '../schema/table.js';
import type { Listener } from './events.js';
import { restOf } from './heal.js';
import { conflictError } from './preflight.js';
import { commit, requireStamp } from './prepopulate-guard.js';
import type { Ready } from './prepopulate-where.js';
import { isBusy, stepBack } from './step-back.js';
import type { Stop } from './stop.js';

/** What adds the missing columns of one table. */
export interface Addition {
  readonly table: string;
  readonly columns: readonly string[];
  readonly operations: readonly Operation[];
  readonly statements: readonly Statement[];
  readonly before: Schema;
  readonly after: Schema;
}

/**
 * What is missing of the columns, a table each. They may be NULL, so that servers change their catalog alone.
 *
 * @throws exit 10 where a column is there and is another one
 */
export function missingColumns(
  { dialect }: Session,
  live: Schema,
  { additions, expected }: Ready,
): Addition[] {
  try {
    let state = live;
    return [...new Set(additions.map(tableOf))].flatMap((table): Addition[] => {
      const ofTable = additions.filter((operation) => tableOf(operation) === table);
      const before = state;
      const { operations, after } = restOf(before, ofTable, expected, dialect.traits);
      state = after;
      if (operations.length === 0) return [];
      const columns = operations.flatMap((one) =>
        one.kind === 'addColumn' ? [`${table}.${one.column.name}`] : [],
      );
      return [{ table, columns, operations, statements: dialect.compile(operations, before), before, after }];
    });
  } catch (error) {
    throw error instanceof SchemaConflict ? conflictError(error) : error;
  }
}

const tableOf = (operation: Operation): string => (operation.kind === 'addColumn' ? operation.table : '');

/**
 * Adds the missing columns, each table in a transaction of its own: while one is waited for, no other one is held.
 * Whoever is in the way goes first, and it is tried again.
 *
 * @returns the columns that were added
 */
export async function addColumns(
  session: Session,
  found: Ready,
  options: { readonly lockWaitMs: number; readonly stop: Stop; readonly listen: Listener },
): Promise<string[]> {
  const { stop, listen, lockWaitMs } = options;
  const added: string[] = [];
  const until = Date.now() + lockWaitMs;
  for (let attempt = 0; ; ) {
    stop.check();
    const [next] = missingColumns(session, await session.introspect(), found);
    if (!next) return added;
    try {
      listen({
        event: 'progress',
        step: `add columns to ${next.table}`,
        table: next.table,
        rows: null,
        share: 0,
      });
      await session.begin();
      await requireStamp(session, found);
      const replaced = next.statements.filter(({ replaces }) => replaces).map(({ table }) => table);
      await session.around(replaced, async () => {
        for (const { sql } of next.statements) await session.query(sql);
      });
      await commit(session, stop);
      added.push(...next.columns);
      attempt = 0;
    } catch (error) {
      await session.rollback();
      stop.check();
      if (!isBusy(error) || Date.now() >= until) throw error;
      await stepBack(session, listen, error, attempt++, until);
    }
  }
}

import { applyAll } from '../schema/apply.js';
import { SchemaConflict } from '../schema/conflict.js';
import type { Operation } from '../schema/operation.js';
import type { Schema } from '../schema/table.js';
import { restOf } from './heal.js';
import { blocked, conflictError } from './preflight.js';
import { expectedAt, operationsOf } from './revisions.js';
import type { Remaining } from './steps.js';
import type { Position, Work } from './work.js';

/**
 * What each revision after the one of the stamp has left to do on the live schema.
 *
 * @param lost what a scratch copy that took its table's place has lost
 * @throws exit 10 where the schema does not fit
 */
export function remainingOf(
  work: Work,
  found: Schema,
  position: Position,
  lost: readonly Operation[],
): { remaining: Remaining; notes: string[] } {
  const { chain, session } = work;
  const { name, traits } = session.dialect;
  const { state, current, target } = position;
  const remaining = new Map<number, Operation[]>();
  const notes: string[] = [];
  const operationsAt = (ordinal: number): Operation[] =>
    operationsOf(chain.revisions[ordinal] as (typeof chain.revisions)[number], name);
  let live = found;
  let expected = expectedAt(chain, current, session.dialect);
  if (state.kind === 'revision') requireTables(work, live, expected, current);
  const heal = (operations: readonly Operation[], from: Schema): Operation[] => {
    const rest = restOf(live, operations, from, traits);
    live = rest.after;
    notes.push(...rest.notes);
    return rest.operations;
  };
  try {
    const first = [...heal(lost, expected)];
    // Without a stamp a first run may have died between the tables of the base.
    if (state.kind !== 'revision') first.push(...heal(operationsAt(0), new Map()));
    for (let ordinal = current + 1; ordinal <= target; ordinal++) {
      const operations = operationsAt(ordinal);
      remaining.set(ordinal, [...first.splice(0), ...heal(operations, expected)]);
      expected = applyAll(expected, operations, traits);
    }
  } catch (error) {
    if (error instanceof SchemaConflict) throw conflictError(error);
    throw error;
  }
  return { remaining, notes };
}

/** A stamp says what must be there; a database without it was half-restored. */
function requireTables({ session, chain }: Work, live: Schema, expected: Schema, current: number): void {
  const missing = [...expected.keys()].filter((name) => !live.has(name));
  if (missing.length > 0)
    throw blocked(session.place, [
      `its stamp is ${chain.revisions[current]?.revision}, but table ${missing.join(', ')} of that revision ${missing.length > 1 ? 'are' : 'is'} missing: restore a backup, or put back what is missing`,
    ]);
}

import { applyAll } from '../schema/apply.js';
import { SchemaConflict } from '../schema/conflict.js';
import type { Operation } from '../schema/operation.js';
import type { Schema } from '../schema/table.js';
import { restOf } from './heal.js';
import { compareOrphans } from './orphan-check.js';
import { blocked, conflictError, preflight } from './preflight.js';
import { Progress } from './progress.js';
import { operationsOf } from './revisions.js';
import { Runner } from './runner.js';
import { settleScratchCopies } from './scratch-copies.js';
import { stamp } from './stamp.js';
import { versionTable } from './state.js';
import { inOrder } from './umzug.js';
import { type Position, type Work, warn } from './work.js';

/**
 * Takes a database through every revision after the one it stands at. Where DDL commits by itself each revision is
 * stamped as soon as it is whole, so that whoever comes after a crash knows how far it went.
 */
export async function stepThrough(work: Work, found: Schema, position: Position): Promise<void> {
  const { session, chain, options } = work;
  const { dialect } = session;
  const { state, current, target } = position;
  const expected = applyAll(new Map(), chain.operations(-1, current, dialect.name), dialect.traits);
  const next = applyAll(expected, chain.operations(current, current + 1, dialect.name), dialect.traits);
  const { live, lost, notes } = await settleScratchCopies(session, found, [expected, next]);
  warn(work, notes);
  if (state.kind === 'revision') requireTables(work, live, expected, current);
  const plan = plans(work, live, expected, position, lost);
  const operations = [...plan.values()].flat();
  await preflight(session, live, operations, options.stop, options.listen);
  const before = await session.orphans();
  const progress = new Progress(options.listen);
  await progress.plan(session, new Set(live.keys()), operations);
  if (!dialect.transactionalDdl)
    options.stop.cannotUndo(
      `the database stands between ${chain.revisions[current]?.revision ?? 'the base'} and the next revision`,
    );
  const runner = new Runner(session, live, progress, options.stop, options.listen);
  let hasStamp = live.has(versionTable);
  await inOrder(chain, current, target, async (ordinal) => {
    const { revision, title, release } = chain.revisions[ordinal] as (typeof chain.revisions)[number];
    await runner.run(plan.get(ordinal) ?? [], () =>
      options.listen({ event: 'revision', revision: revision as string, title, release }),
    );
    if (dialect.transactionalDdl) return;
    await runner.flush();
    await stamp(session, hasStamp, revision as string);
    hasStamp = true;
    options.stop.cannotUndo(`the database stands at ${revision}, ${target - ordinal} revisions are left`);
  });
  await runner.flush();
  warn(work, compareOrphans(before, await session.orphans()));
}

/** The operations of each revision that are still to do. */
function plans(
  work: Work,
  found: Schema,
  known: Schema,
  { state, current, target }: Position,
  lost: readonly Operation[],
): Map<number, Operation[]> {
  const { chain, session } = work;
  const { name, traits } = session.dialect;
  const plan = new Map<number, Operation[]>();
  const operationsAt = (ordinal: number): Operation[] =>
    operationsOf(chain.revisions[ordinal] as (typeof chain.revisions)[number], name);
  let [live, expected] = [found, known];
  const heal = (operations: readonly Operation[], from: Schema): Operation[] => {
    const rest = restOf(live, operations, from, traits);
    live = rest.after;
    warn(work, rest.notes);
    return rest.operations;
  };
  try {
    const first = [...heal(lost, expected)];
    // Without a stamp a first run may have died between the tables of the base.
    if (state.kind !== 'revision') first.push(...heal(operationsAt(0), new Map()));
    for (let ordinal = current + 1; ordinal <= target; ordinal++) {
      const operations = operationsAt(ordinal);
      plan.set(ordinal, [...first.splice(0), ...heal(operations, expected)]);
      expected = applyAll(expected, operations, traits);
    }
  } catch (error) {
    if (error instanceof SchemaConflict) throw conflictError(error);
    throw error;
  }
  return plan;
}

/** A stamp says what must be there; a database without it was half-restored. */
function requireTables({ session, chain }: Work, live: Schema, expected: Schema, current: number): void {
  const missing = [...expected.keys()].filter((name) => !live.has(name));
  if (missing.length > 0)
    throw blocked(session.place, [
      `its stamp is ${chain.revisions[current]?.revision}, but table ${missing.join(', ')} of that revision ${missing.length > 1 ? 'are' : 'is'} missing: restore a backup, or put back what is missing`,
    ]);
}

import type { Schema } from '../schema/table.js';
import { missingInserts } from './missing-inserts.js';
import { remainingOf } from './remaining.js';
import { expectedAt } from './revisions.js';
import { settleScratchCopies } from './scratch-copies.js';
import { strangersError, versionTable } from './state.js';
import { type ChangeStep, type Remaining, type Step, stepsOf } from './steps.js';
import { isPartOf, straightSteps } from './straight.js';
import type { Position, Work } from './work.js';

/** An upgrade, ready to be shown, written down or carried out. */
export interface Prepared extends Position {
  /** The schema as it is, without scratch copies that a dead upgrade left. */
  readonly live: Schema;
  /** Nothing of MLflow's is there: everything is created at once. */
  readonly fresh: boolean;
  /** What puts scratch copies of a dead upgrade in order, before anything else; null where there are none. */
  readonly settling: ChangeStep | null;
  /** What each revision has left to do; empty where everything is created at once. */
  readonly remaining: Remaining;
  readonly steps: readonly Step[];
  /** What the operator should know. */
  readonly notes: readonly string[];
}

/**
 * Works out the whole upgrade from the live schema, changing nothing: what an earlier attempt, MLflow's or ours, has
 * done already is left out.
 *
 * @throws exit 5 or 10 for a schema that does not fit its stamp
 */
export async function prepare(work: Work, position: Position): Promise<Prepared> {
  // Where no table is, there is nothing to read; MariaDB takes a tenth of a second to say so.
  const found: Schema = position.state.kind === 'empty' ? new Map() : await work.session.introspect();
  return startsFresh(work, position, found)
    ? prepareFresh(work, position, found)
    : prepareRevisions(work, position, found);
}

/** Nothing of MLflow's is there, or only a part of what creating the target makes. */
function startsFresh(work: Work, { state, target }: Position, live: Schema): boolean {
  if (state.kind !== 'unstamped') return state.kind !== 'revision';
  if (state.fresh && isPartOf(work, live, target)) return true;
  if (state.strangers.length > 0) throw strangersError(work.session, state.strangers);
  return false;
}

async function prepareFresh(work: Work, position: Position, live: Schema): Promise<Prepared> {
  const steps = await straightSteps(work, live, position.target);
  return { ...position, live, fresh: true, settling: null, remaining: new Map(), steps, notes: [] };
}

async function prepareRevisions(work: Work, position: Position, found: Schema): Promise<Prepared> {
  const { session, chain } = work;
  const { current } = position;
  const shapes = [current, current + 1].map((ordinal) => expectedAt(chain, ordinal, session.dialect));
  const scratch = settleScratchCopies(session, found, shapes);
  const { lost, notes } = scratch;
  const unfinished =
    session.unfinished &&
    (await session.unfinished(
      scratch.live,
      shapes[0] as Schema,
      expectedAt(chain, position.target, session.dialect),
    ));
  const live = unfinished?.live ?? scratch.live;
  const statements = [...scratch.statements, ...(unfinished?.statements ?? [])];
  const settling: ChangeStep | null =
    statements.length === 0
      ? null
      : {
          kind: 'change',
          operations: [],
          statements,
          before: found,
          after: live,
          ordinal: current,
          ends: [],
        };
  const rest = remainingOf(work, live, position, lost);
  const remaining = new Map<number, Awaited<ReturnType<typeof missingInserts>>>();
  for (const [ordinal, operations] of rest.remaining)
    remaining.set(ordinal, await missingInserts(session, operations, live));
  const stamp = position.state.kind === 'revision' ? 'row' : live.has(versionTable) ? 'table' : 'none';
  const steps = stepsOf(session.dialect, remaining, live, stamp);
  return {
    ...position,
    ...{ live, fresh: false, settling, remaining, steps, notes: [...notes, ...rest.notes] },
  };
}

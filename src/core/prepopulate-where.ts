import type { Session } from '../dialects/dialect.js';
import { blockedError } from '../errors.js';
import type { Operation } from '../schema/operation.js';
import type { Revision } from '../schema/revision.js';
import type { Ahead } from '../schema/row-work.js';
import type { Schema } from '../schema/table.js';
import { halfApplied } from './check/half-applied.js';
import type { Listener } from './events.js';
import { blocked } from './preflight.js';
import type { Releases } from './releases.js';
import { type Chain, expectedAt, operationsOf } from './revisions.js';
import { rowContext } from './row-context.js';
import { releaseLines } from './starters.js';
import { readState, revisionIn } from './state.js';
import type { Stop } from './stop.js';

/** A database on which a revision can be prepared, and what that takes. */
export interface Ready {
  readonly revision: string;
  /** The stamp, which stays. */
  readonly stamp: string;
  readonly ahead: Ahead;
  /** What MLflow's schema is before the revision. */
  readonly expected: Schema;
  /** The columns that the work fills. */
  readonly additions: readonly Operation[];
  /** Tables that are there only when the revision itself was begun. */
  readonly later: readonly string[];
  /** Looks for rows that the revision refuses. @throws exit 10 when there are some */
  readonly refuse: () => Promise<void>;
}

/** A revision that says what can be done ahead of it, and where the database stands. */
interface Placed {
  readonly next: Revision & { readonly revision: string; readonly down: string; readonly ahead: Ahead };
  /** The stamp; null where there is none of MLflow's. */
  readonly stamp: string | null;
  /** The ordinal before the revision; null where the database is past it. */
  readonly current: number | null;
}

/**
 * Whether a database stands where something can be done ahead. MLflow's command, too, runs right before the revision
 * alone (mlflow/store/db/trace_analytics_prepopulation.py, PREPOPULATION_SCHEMA_REVISION): the server that works
 * meanwhile must be the one before it.
 *
 * @throws exit 10 where it is before that; 5 where it is not MLflow's
 */
export async function placeOf(session: Session, chain: Chain, releases: Releases): Promise<Placed> {
  const state = await readState(session, chain);
  const current = state.kind === 'revision' ? state.ordinal : -1;
  const stamp = revisionIn(state, chain);
  const prepared = chain.revisions.flatMap((one, ordinal) =>
    one.ahead && one.revision && one.down
      ? [{ ordinal, next: { ...one, revision: one.revision, down: one.down, ahead: one.ahead } }]
      : [],
  );
  const found = prepared.find(({ ordinal }) => ordinal > current) ?? prepared.at(-1);
  if (!found) throw new Error('migrations/: no revision can be prepared');
  const { next, ordinal } = found;
  if (current < ordinal - 1) throw tooEarly(session, chain, releases, { current, ...next });
  return { next, stamp, current: current >= ordinal ? null : current };
}

/**
 * What it takes to prepare the revision after the database's own.
 *
 * @returns `done` where the database is past it
 * @throws as `placeOf`, and exit 10 where an upgrade died in it, or rows are refused
 */
export async function ready(
  session: Session,
  chain: Chain,
  releases: Releases,
  { stop, listen }: { readonly stop: Stop; readonly listen: Listener },
): Promise<Ready | { readonly revision: string; readonly done: string }> {
  const { next, stamp, current } = await placeOf(session, chain, releases);
  const { revision, down, ahead } = next;
  if (current === null)
    return { revision, done: `the database is at ${stamp}, past ${revision}: nothing is left to prepare` };

  const operations = operationsOf(next, session.dialect.name);
  const expected = expectedAt(chain, current, session.dialect);
  const live = await session.introspect();
  const half = halfApplied(chain, current, expected, live, session.dialect);
  const later = operations.flatMap((operation) =>
    operation.kind === 'createTable' ? [operation.table.name] : [],
  );
  if (half?.finding || later.some((name) => live.has(name)))
    throw blockedError(
      `${session.place}: an upgrade was begun in ${revision} and did not end, so there is nothing to do ahead of it`,
      'run mltrack db upgrade, which goes on from there',
      'nothing was changed',
    );
  const work = operations.find((operation) => operation.kind === 'rows');
  const refuse = async (): Promise<void> => {
    const refusals = work?.kind === 'rows' ? await work.preflight?.(rowContext(session, stop, listen)) : [];
    if (refusals?.length)
      throw blocked(
        session.place,
        refusals.map(({ message }) => message),
      );
  };
  await refuse();
  return {
    ...{ revision, stamp: down, ahead, expected, later, refuse },
    additions: operations.filter(
      (operation) => operation.kind === 'addColumn' && operation.ifMissing === true,
    ),
  };
}

function tooEarly(
  { place }: Session,
  chain: Chain,
  releases: Releases,
  { current, revision, down }: { current: number; revision: string; down: string },
): Error {
  const lines = releaseLines(releases, down);
  const at = current < 0 ? 'has no revision of MLflow' : `is at ${chain.revisions[current]?.revision}`;
  return blockedError(
    `${place} ${at}; what ${revision} needs can be prepared at ${down} only${lines ? `, where MLflow ${lines} works` : ''}`,
    `either upgrade to it first (mltrack db upgrade --to ${down}), let that MLflow run, and prepare then`,
    'or upgrade to the head at once with mltrack db upgrade, which does the same work while the server stands still',
    'nothing was changed',
  );
}

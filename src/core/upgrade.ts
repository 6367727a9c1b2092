import type { Dialect, Session } from '../dialects/dialect.js';
import { confirmationError } from '../errors.js';
import { applyAll } from '../schema/apply.js';
import type { Operation } from '../schema/operation.js';
import type { Schema } from '../schema/table.js';
import type { Listener } from './events.js';
import { dropScratchCopies, restOfFirstRun } from './first-run.js';
import { parentsFirst } from './order.js';
import { compareOrphans } from './orphan-check.js';
import { blocked, preflight } from './preflight.js';
import { Progress } from './progress.js';
import { loadReleases, type Releases } from './releases.js';
import { type Chain, loadChain, operationsOf } from './revisions.js';
import { Runner } from './runner.js';
import { stamp } from './stamp.js';
import { readState, type State, versionTable } from './state.js';
import type { Stop } from './stop.js';
import { resolveTarget } from './target.js';
import { inOrder } from './umzug.js';

export interface UpgradeOptions {
  /** What `--to` says; without it the head. */
  readonly to?: string;
  /** Questions are answered with yes. */
  readonly yes: boolean;
  readonly stop: Stop;
  readonly listen: Listener;
}

export interface UpgradeResult {
  /** null: there was no MLflow database. */
  readonly from: string | null;
  readonly to: string;
  readonly applied: readonly string[];
}

/** Everything one upgrade needs at hand. */
interface Work {
  readonly session: Session;
  readonly dialect: Dialect;
  readonly chain: Chain;
  readonly releases: Releases;
  readonly options: UpgradeOptions;
  readonly started: number;
}

/**
 * Upgrades a database to a revision, all or nothing. The stamp is read without a lock first, so that a database
 * which is already there costs no lock and no write; then again under the lock, because another runner may have
 * done the work meanwhile.
 *
 * @throws MltrackError with the exit code of what stood in the way; the transaction is rolled back.
 */
export async function upgrade(
  session: Session,
  dialect: Dialect,
  options: UpgradeOptions,
): Promise<UpgradeResult> {
  const [chain, releases] = await Promise.all([loadChain(), loadReleases()]);
  const work: Work = { session, dialect, chain, releases, options, started: Date.now() };
  const release = options.stop.onRequest(() => void session.interrupt().catch(() => undefined));
  try {
    options.stop.check();
    const seen = await locate(work);
    if (seen.target === seen.current) return finished(work, seen, []);
    askFirst(work, seen.state);
    await session.begin();
    const now = await locate(work);
    const applied = now.target === now.current ? [] : await carryOut(work, now);
    // A signal that comes now is too late: what is committed stays.
    options.stop.check();
    release();
    await session.commit();
    return finished(work, now, applied);
  } catch (error) {
    await session.rollback();
    options.stop.check();
    throw error;
  } finally {
    release();
  }
}

interface Position {
  readonly state: State;
  /** Ordinal the database stands at; -1 where there is nothing of MLflow's. */
  readonly current: number;
  readonly target: number;
}

async function locate(work: Work): Promise<Position> {
  const { chain, session, releases, options } = work;
  const state = await readState(session, chain);
  const current = state.kind === 'revision' ? state.ordinal : state.kind === 'unstamped' ? 0 : -1;
  const target = resolveTarget(options.to, Math.max(current, 0), chain, releases);
  return { state, current, target: state.kind === 'revision' ? target : Math.max(target, 1) };
}

function askFirst({ session, options }: Work, state: State): void {
  if (state.kind !== 'others' || options.yes) return;
  const names = state.tables.slice(0, 10).join(', ') + (state.tables.length > 10 ? ' …' : '');
  throw confirmationError(
    `${session.place} holds ${state.tables.length} tables of another application and none of MLflow's: ${names}`,
    'if MLflow is to live beside them, say so with --yes; nothing was changed',
  );
}

async function carryOut(work: Work, { state, current, target }: Position): Promise<string[]> {
  const { session, dialect, chain, options } = work;
  options.listen({
    event: 'start',
    database: session.place,
    server: session.server,
    from: state.kind === 'revision' ? (chain.revisions[current]?.revision ?? null) : null,
    to: chain.revisions[target]?.revision as string,
    revisions: target - Math.max(current, 0),
  });
  const live = await session.introspect();
  if (live.has('alembic_version_auth'))
    options.listen({
      event: 'warning',
      message:
        "alembic_version_auth is here too: MLflow's basic-auth tables are not mltrack's and stay as they are",
    });
  if (state.kind === 'empty' || state.kind === 'others') await createStraight(work, live, target);
  else await stepThrough(work, live, state, current, target);
  await stamp(session, dialect, live.has(versionTable), chain.revisions[target]?.revision as string);
  return chain.revisions
    .slice(Math.max(current, 0) + 1, target + 1)
    .map(({ revision }) => revision as string);
}

/** Nothing of MLflow's is there: create the final tables at once, and the rows that revisions insert. */
async function createStraight(work: Work, live: Schema, target: number): Promise<void> {
  const { session, dialect, chain, options } = work;
  const operations = chain.operations(-1, target, dialect.name);
  const obstacles = await session.obstacles(operations, live, applyAll(live, operations, dialect.traits));
  if (obstacles.length > 0) throw blocked(session.place, obstacles);
  const schema = parentsFirst(applyAll(new Map(), operations, dialect.traits));
  const inserts = operations.filter((operation) => operation.kind === 'insertRow');
  for (const statement of [...dialect.create(schema), ...dialect.compile(inserts, schema)]) {
    options.stop.check();
    await session.query(statement.sql);
  }
}

async function stepThrough(
  work: Work,
  found: Schema,
  state: State,
  current: number,
  target: number,
): Promise<void> {
  const { session, dialect, chain, options } = work;
  let live = found;
  const plan = new Map<number, Operation[]>();
  for (let i = current + 1; i <= target; i++)
    plan.set(i, operationsOf(chain.revisions[i] as Chain['revisions'][number], dialect.name));
  if (state.kind === 'unstamped') {
    const dropped = await dropScratchCopies(session, live);
    for (const name of dropped)
      options.listen({
        event: 'warning',
        message: `dropped ${name}, a scratch copy that a dead upgrade left`,
      });
    live = new Map([...live].filter(([name]) => !dropped.includes(name)));
    const rest = restOfFirstRun(
      operationsOf(chain.revisions[0] as never, dialect.name),
      plan.get(1) ?? [],
      live,
    );
    plan.set(1, [...rest.base, ...rest.first]);
  } else requireTables(work, live, current);
  const operations = [...plan.values()].flat();
  await preflight(session, dialect, live, operations, options.stop, options.listen);
  const before = await session.orphans();
  const progress = new Progress(options.listen);
  await progress.plan(session, new Set(live.keys()), operations);
  const runner = new Runner(session, dialect, live, progress, options.stop, options.listen);
  await inOrder(chain, current, target, async (ordinal) => {
    const { revision, title, release } = chain.revisions[ordinal] as Chain['revisions'][number];
    await runner.run(plan.get(ordinal) ?? [], () =>
      options.listen({ event: 'revision', revision: revision as string, title, release }),
    );
  });
  await runner.flush();
  for (const message of compareOrphans(before, await session.orphans()))
    options.listen({ event: 'warning', message });
}

/** A stamp says what must be there; a database without it was half-restored or half-migrated. */
function requireTables({ session, dialect, chain }: Work, live: Schema, current: number): void {
  const expected = applyAll(new Map(), chain.operations(-1, current, dialect.name), dialect.traits);
  const missing = [...expected.keys()].filter((name) => !live.has(name));
  if (missing.length > 0)
    throw blocked(session.place, [
      `its stamp is ${chain.revisions[current]?.revision}, but table ${missing.join(', ')} of that revision ${missing.length > 1 ? 'are' : 'is'} missing: restore a backup, or put back what is missing`,
    ]);
}

function finished(work: Work, position: Position, applied: readonly string[]): UpgradeResult {
  const { chain, options } = work;
  const { state, current, target } = position;
  const from = state.kind === 'revision' ? (chain.revisions[current]?.revision ?? null) : null;
  const to = chain.revisions[target] as Chain['revisions'][number];
  options.listen({
    event: 'done',
    from,
    to: to.revision as string,
    release: to.release,
    applied,
    created: state.kind === 'empty' || state.kind === 'others',
    seconds: Math.round((Date.now() - work.started) / 10) / 100,
  });
  return { from, to: to.revision as string, applied };
}

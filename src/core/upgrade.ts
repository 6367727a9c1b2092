import type { Session } from '../dialects/dialect.js';
import { halfWay } from '../errors.js';
import type { Schema } from '../schema/table.js';
import { AskFirst, agree, questionsOf, stillOpen } from './guard.js';
import { locate } from './locate.js';
import { loadNames, type Named, type Names } from './names.js';
import { loadReleases } from './releases.js';
import { knownUpTo, writersOf } from './starters.js';
import { revisionIn } from './state.js';
import { isBusy, stepBack } from './step-back.js';
import { type Position, type UpgradeOptions, type Work, warn } from './work.js';

export interface UpgradeResult {
  /** null: there was no MLflow database. */
  readonly from: string | null;
  readonly to: string;
  readonly applied: readonly string[];
}

/**
 * Upgrades a database to a revision: all or nothing where DDL can be rolled back, else revision by revision, each of
 * which the next run completes if this one dies in it. The stamp is read without a lock first, so that a database
 * which is already there costs no lock and no write; then again under the lock, because another runner may have
 * done the work meanwhile.
 *
 * @throws MltrackError with the exit code of what stood in the way; a transaction is rolled back.
 */
export async function upgrade(session: Session, options: UpgradeOptions): Promise<UpgradeResult> {
  const [names, releases] = await Promise.all([loadNames(), loadReleases()]);
  const known = { session, releases, options, started: Date.now(), agreed: new Set<string>() };
  let work: Work | undefined;
  const release = options.stop.onRequest(() => void session.interrupt().catch(() => undefined));
  const until = Date.now() + (options.lockWaitMs ?? 0);
  try {
    for (let attempt = 0; ; attempt++) {
      try {
        options.stop.check();
        const seen = await locate({ ...known, chain: names });
        if (seen.target === seen.current) return finished({ ...known, chain: names }, seen, []);
        work ??= { ...known, chain: await readChain() };
        return await once(work, seen, release);
      } catch (error) {
        await session.rollback();
        await session.letGo?.();
        options.stop.check();
        if (error instanceof AskFirst && work) {
          await agree(work, error.questions);
          continue;
        }
        if (!isBusy(error) || Date.now() >= until)
          throw options.stop.stands === null ? error : halfWay(error, options.stop.stands);
        await stepBack(session, options.listen, error, attempt, until);
      }
    }
  } finally {
    release();
  }
}

/** What the revisions do is read only now: most runs find nothing to do. */
const readChain = async () => (await import('./revisions.js')).loadChain();

async function once(work: Work, seen: Position, release: () => void): Promise<UpgradeResult> {
  const { session, options } = work;
  await requireAgreement(work, seen);
  await session.begin();
  const now = await locate(work);
  // Rows may have come, or the database may have moved, while somebody was asked.
  if (now.target !== now.current) await requireAgreement(work, now);
  const applied = now.target === now.current ? [] : await change(work, now);
  // A signal that comes now is too late: what is committed stays.
  options.stop.check();
  release();
  await session.commit();
  return finished(work, now, applied);
}

/** Nobody is asked while the lock is held: whoever thinks it over must not make others wait. */
async function requireAgreement(work: Work, position: Position): Promise<void> {
  const { options, agreed } = work;
  if (options.yes) return;
  const open = stillOpen(await questionsOf(work, position), options.confirm, agreed);
  if (open.length > 0) throw new AskFirst(open);
}

async function change(work: Work, position: Position): Promise<string[]> {
  const { session, chain, releases, options } = work;
  const { state, current, target } = position;
  options.listen({
    event: 'start',
    database: session.place,
    server: session.server,
    from: revisionIn(state, chain),
    written: writersOf(chain, releases, current),
    to: chain.revisions[target]?.revision as string,
    known: knownUpTo(chain, releases),
    revisions: target - Math.max(current, 0),
  });
  const [{ prepare }, { carryOut }] = await Promise.all([import('./prepare.js'), import('./carry-out.js')]);
  const prepared = await prepare(work, position);
  warn(work, await neighbours(session, prepared.live));
  await carryOut(work, prepared);
  return chain.revisions
    .slice(Math.max(current, 0) + 1, target + 1)
    .map(({ revision }) => revision as string);
}

/** Who else is at the database, for the operator. */
export async function neighbours(session: Session, live: Schema): Promise<string[]> {
  const others = await session.others();
  return [
    ...(others.length > 0
      ? [
          `others are connected to the database (${others.length}: ${others.slice(0, 3).join('; ')}): stop the MLflow server while its database is upgraded`,
        ]
      : []),
    ...(live.has('alembic_version_auth')
      ? [
          "alembic_version_auth is here too: MLflow's basic-auth tables are not mltrack's and stay as they are",
        ]
      : []),
  ];
}

function finished(
  work: Pick<Work, 'options' | 'started'> & { readonly chain: Names },
  position: Position,
  applied: readonly string[],
): UpgradeResult {
  const { chain, options } = work;
  const { state, target } = position;
  const from = revisionIn(state, chain);
  const to = chain.revisions[target] as Named;
  options.listen({
    event: 'done',
    from,
    to: to.revision as string,
    release: to.release,
    applied,
    created: state.kind !== 'revision' && (state.kind !== 'unstamped' || state.fresh),
    seconds: Math.round((Date.now() - work.started) / 10) / 100,
  });
  return { from, to: to.revision as string, applied };
}

import type { Session, Statement } from '../dialects/dialect.js';
import { blockedError, confirmationError, halfWay, MltrackError } from '../errors.js';
import { type DowngradeAims, type DowngradePlan, planDowngrade } from './downgrade-plan.js';
import type { Question } from './guard.js';
import { compareOrphans } from './orphan-check.js';
import { refuseLate, refuseLosses } from './refuse-losses.js';
import { send } from './send.js';
import { stampStatements } from './stamp.js';
import { neighbours } from './upgrade.js';

export { type Down, type DowngradePlan, planDowngrade } from './downgrade-plan.js';
export { refuseLosses } from './refuse-losses.js';

export interface DowngradeOptions extends DowngradeAims {
  /** The question whether it shall be done is answered with yes. */
  readonly yes: boolean;
  /** Asks it where somebody sits at a terminal. */
  readonly ask?: (questions: readonly Question[]) => Promise<boolean>;
}

export interface DowngradeResult {
  readonly from: string;
  readonly to: string;
  /** The revisions that were undone, the youngest first. */
  readonly undone: readonly string[];
}

/**
 * Takes a database back to an older revision, where nothing is lost by it. All revisions on the way are checked
 * against the live rows before the first change. All or nothing where DDL can be rolled back; elsewhere revision by
 * revision, and the same command goes on where one died.
 *
 * @throws exit 10 with every loss, exit 6 without `yes` when there is something to do
 */
export async function downgrade(session: Session, options: DowngradeOptions): Promise<DowngradeResult> {
  const { stop } = options;
  const release = stop.onRequest(() => void session.interrupt().catch(() => undefined));
  try {
    stop.check();
    let { to } = options;
    if (!options.yes) {
      const seen = await planDowngrade(session, options);
      if (seen.downs.length === 0) return resultOf(seen);
      refuseLosses(seen);
      await agree(seen, options);
      // What was agreed to, and not as many revisions further as the options say.
      to = seen.to.revision as string;
    }
    await session.begin();
    // Under the lock, because another runner may have been here and rows may have come meanwhile.
    const plan = await planDowngrade(session, { ...options, to, lockOut: true });
    refuseLosses(plan);
    if (plan.downs.length > 0) await carryOut(session, plan, options);
    stop.check();
    release();
    await session.commit();
    return resultOf(plan);
  } catch (error) {
    await session.rollback();
    stop.check();
    throw stop.stands === null ? inWords(error, session) : halfWay(error, stop.stands);
  } finally {
    release();
  }
}

const resultOf = ({ from, to, downs }: DowngradePlan): DowngradeResult => ({
  from: from.revision as string,
  to: to.revision as string,
  undone: downs.map(({ revision }) => revision.revision as string),
});

/** Nothing is locked while somebody is asked. @throws exit 6 where nobody agrees */
async function agree(
  { place, from, to, starts, downs }: DowngradePlan,
  { ask, stop }: DowngradeOptions,
): Promise<void> {
  const many = `${downs.length} revision${downs.length === 1 ? '' : 's'}`;
  const meaning = `${place} goes back from ${from.revision} to ${to.revision}, ${many}; no row is lost by it, and afterwards ${starts}`;
  if (ask && (await ask([{ key: 'downgrade', meaning }]))) return;
  stop.check();
  throw confirmationError(
    `nobody has agreed to it: ${meaning}`,
    'stop every MLflow server on this database, take a backup (mltrack backup-hint says how), then agree with --yes',
    'nothing was changed',
  );
}

async function carryOut(
  session: Session,
  plan: DowngradePlan,
  { stop, listen }: DowngradeOptions,
): Promise<void> {
  const { transactionalDdl } = session.dialect;
  listen({
    event: 'start',
    database: plan.place,
    server: plan.server,
    from: plan.from.revision,
    written: plan.written,
    to: plan.to.revision as string,
    known: plan.known,
    revisions: plan.downs.length,
  });
  for (const message of await neighbours(session, plan.live))
    listen({ event: 'warning', message: message.replace('is upgraded', 'goes back') });
  const before = await session.orphans();
  if (transactionalDdl) await run(session, plan.statements, stop);
  for (const { ordinal, revision, statements, lossesNow } of plan.downs) {
    if (!transactionalDdl) {
      refuseLate(revision, await lossesNow());
      // The stamp goes first: who finds the rest of a revision beside it, upgrade or downgrade, can deal with that.
      await stamp(session, ordinal - 1, revision.down as string);
      stop.cannotUndo(
        `the database stands between ${revision.down} and ${revision.revision}, ${ordinal - plan.target} revisions are left to go (--to ${plan.to.revision})`,
      );
      await run(session, statements, stop);
    }
    const { title, release } = revision;
    listen({ event: 'revision', revision: revision.revision as string, title, release });
  }
  if (transactionalDdl) await stamp(session, plan.target, plan.to.revision as string);
  for (const message of compareOrphans(before, await session.orphans()))
    listen({ event: 'warning', message });
}

async function stamp(session: Session, ordinal: number, revision: string): Promise<void> {
  const step = { kind: 'stamp', ordinal, createTable: false, insert: false } as const;
  for (const sql of stampStatements(session.dialect, step, revision)) await session.query(sql);
}

async function run(
  session: Session,
  statements: readonly Statement[],
  stop: DowngradeOptions['stop'],
): Promise<void> {
  const replaced = statements.filter((statement) => statement.replaces).map((statement) => statement.table);
  await session.around(replaced, async () => {
    for (const statement of statements) {
      stop.check();
      await send(session, statement);
    }
  });
}

/** What a server refuses in a transaction was rolled back: dependent objects, rights. */
function inWords(error: unknown, session: Session): unknown {
  const code = (error as { code?: unknown }).code;
  if (error instanceof MltrackError || code !== '2BP01') return error;
  return blockedError(
    `${session.place} cannot go back as it stands: ${(error as Error).message}`,
    'drop what depends on it first; everything was rolled back',
  );
}

import type { CheckModule } from '../../dialects/check.js';
import type { Session } from '../../dialects/dialect.js';
import type { RepairModule } from '../../dialects/repair.js';
import { halfWay } from '../../errors.js';
import type { Listener } from '../events.js';
import { AskFirst, stillOpen } from '../guard.js';
import { compareOrphans } from '../orphan-check.js';
import { isBusy, stepBack } from '../step-back.js';
import { neighbours } from '../upgrade.js';
import { type Checked, checkDatabase } from './check.js';
import { type Agreeing, agreeToRepair, isNamed, repairQuestions } from './repair-agree.js';
import { type LeftFinding, leftIn } from './repair-left.js';
import { type Left, planRepair, type RepairPlan } from './repair-plan.js';
import { type PutOff, RepairFailed, runChunks, runOne } from './repair-run.js';
import type { Reported } from './report.js';

export interface RepairOptions extends Agreeing {
  /** Ids or rules of findings; empty: all. */
  readonly only: readonly string[];
  /** Also read the rows, as `db check --rows` does. */
  readonly rows: boolean;
  /** For how long, in milliseconds, a repair that finds a table locked tries again; default not at all. */
  readonly lockWaitMs?: number;
  readonly listen: Listener;
}

export interface RepairResult {
  /** What was found at first, notes aside. */
  readonly found: readonly Reported[];
  readonly repaired: readonly Reported[];
  readonly left: readonly LeftFinding[];
  readonly revision: string | null;
  readonly place: string;
  readonly server: string;
}

interface Work {
  readonly session: Session;
  readonly options: RepairOptions;
  readonly check: CheckModule;
  readonly module: RepairModule;
  readonly agreed: Set<string>;
  /** Findings that the server refused to repair. */
  readonly failed: Map<string, Left>;
  readonly apart: Set<string>;
  /** What was there before anything was done; what comes up later is a step of ours that is not finished. */
  known: ReadonlySet<string> | null;
}

/** What a repair would do. Nothing is written and no lock is taken. */
export async function planOfRepair(session: Session, options: RepairOptions): Promise<RepairPlan> {
  return plan(await prepareWork(session, options));
}

async function prepareWork(session: Session, options: RepairOptions): Promise<Work> {
  const [check, module] = await Promise.all([session.dialect.check(), session.dialect.repair()]);
  const fresh = { agreed: new Set<string>(), failed: new Map<string, Left>(), apart: new Set<string>() };
  return { session, options, check, module, ...fresh, known: null };
}

const look = ({ session, options }: Work): Promise<Checked> =>
  checkDatabase(session, { rows: options.rows, requireHead: false, server: null, stop: options.stop });

async function plan(work: Work): Promise<RepairPlan> {
  const checked = await look(work);
  const { session, module, options, failed, apart } = work;
  const named = isNamed(options.only);
  if (!work.known) {
    work.known = new Set(checked.findings.map(({ id }) => id));
    for (const name of options.only.filter((one) => !checked.findings.some(isNamed([one]))))
      options.listen({ event: 'warning', message: `--only ${name}: there is no such finding` });
  }
  const { known } = work;
  const isAskedFor = (finding: Reported) => named(finding) || !known.has(finding.id);
  return planRepair(checked, { session, module, stop: options.stop, isAskedFor, failed, apart });
}

/**
 * Repairs what a check finds, as far as no value is lost by it: all or nothing where DDL can be rolled back, else
 * statement by statement, so that a second run goes on. What the server refuses is left alone, and the rest is tried
 * again without it. In the end the check runs again.
 *
 * @throws MltrackError exit 6, 7, 9, 130, 143; what is left is in the result
 */
export async function repair(session: Session, options: RepairOptions): Promise<RepairResult> {
  const work = await prepareWork(session, options);
  const { stop } = options;
  const release = stop.onRequest(() => void session.interrupt().catch(() => undefined));
  const until = Date.now() + (options.lockWaitMs ?? 0);
  try {
    const first = await plan(work);
    if (first.chosen.length === 0) return resultOf(work, first, first);
    for (let attempt = 0; ; attempt++) {
      try {
        await requireAgreement(work, attempt === 0 ? first : await plan(work));
        const tried = await once(work);
        const seen = await plan(work);
        const still = seen.chosen.filter(({ id }) => tried.has(id));
        for (const { id } of still) work.failed.set(id, withoutEffect);
        const last = still.length > 0 ? await plan(work) : seen;
        // What one repair makes possible, another pass does: a table has to have its engine before its keys.
        if (last.chosen.length === 0) return resultOf(work, first, last);
      } catch (error) {
        await session.rollback();
        await session.letGo?.();
        stop.check();
        if (error instanceof AskFirst) await agreeToRepair(error.questions, options, work.agreed);
        else if (error instanceof RepairFailed) setAside(work, error);
        else if (!isBusy(error) || Date.now() >= until)
          throw stop.stands === null ? error : halfWay(error, stop.stands);
        else await stepBack(session, options.listen, error, attempt, until);
      }
    }
  } finally {
    release();
  }
}

const withoutEffect: Left = { reason: 'its repair was carried out, and it is still there', blocked: false };

async function requireAgreement({ session, options, agreed }: Work, planned: RepairPlan): Promise<void> {
  if (options.yes) return;
  const open = stillOpen(await repairQuestions(session, planned), options.confirm, agreed);
  if (open.length > 0) throw new AskFirst(open);
}

/**
 * One transaction under the lock of the upgrades; then, still under the lock, what runs outside of one.
 *
 * @returns the ids of what was repaired
 */
async function once(work: Work): Promise<ReadonlySet<string>> {
  const { session, options, module } = work;
  await session.begin();
  const planned = await plan(work);
  const ids = new Set(planned.chosen.map(({ id }) => id));
  if (ids.size === 0) {
    await session.commit();
    return ids;
  }
  await requireAgreement(work, planned);
  tellStart(work, planned, await neighbours(session, planned.checked.live));
  if (!session.dialect.transactionalDdl) options.stop.cannotUndo('a part of the repairs is done');
  const before = await session.orphans();
  const later: PutOff[] = [];
  const canBeLater = await module.keepLock(session);
  await runChunks(planned.chunks, { ...work, ...options }, (part) => {
    if (!session.dialect.transactionalDdl || !canBeLater) return false;
    later.push(part);
    return true;
  });
  compareOrphans(before, await session.orphans());
  options.stop.check();
  await session.commit();
  try {
    if (later.length > 0) options.stop.cannotUndo('everything but some indexes is repaired');
    for (const part of later) await outside(part, work);
  } finally {
    if (canBeLater) await module.releaseLock(session).catch(() => undefined);
  }
  return ids;
}

/** A failure takes back what it has left, and only its own findings are left alone. */
async function outside({ statement, owners }: PutOff, work: Work): Promise<void> {
  const { session, options, module } = work;
  try {
    options.listen({
      event: 'progress',
      step: statement.title,
      table: statement.table,
      rows: null,
      share: 0.99,
    });
    await runOne(statement, owners, { ...work, ...options });
  } catch (error) {
    await module.dropLeftOver(session, statement).catch(() => undefined);
    if (!(error instanceof RepairFailed)) throw error;
    for (const id of error.owners) work.failed.set(id, error.left);
  }
}

/** Whose repair failed is left alone; where it was one of several, each is tried for itself first. */
function setAside({ failed, apart }: Work, { owners, tables, left }: RepairFailed): void {
  const together = owners.length > 1 && tables.some((table) => !apart.has(table));
  if (together) for (const table of tables) apart.add(table);
  else for (const id of owners) failed.set(id, left);
}

function tellStart({ session, options }: Work, planned: RepairPlan, others: readonly string[]): void {
  const { place: database, server } = session;
  options.listen({ event: 'repair-start', database, server, findings: planned.chosen.length });
  for (const message of others)
    options.listen({ event: 'warning', message: message.replace('is upgraded', 'is repaired') });
}

function resultOf({ session }: Work, first: RepairPlan, last: RepairPlan): RepairResult {
  const isSerious = ({ severity }: Reported) => severity !== 'note';
  const still = new Set(last.checked.findings.filter(isSerious).map(({ id }) => id));
  const found = first.checked.findings.filter(isSerious);
  return {
    ...{ found, left: leftIn(last), place: session.place, server: session.server },
    repaired: found.filter(({ id }) => !still.has(id)),
    revision: last.checked.revision,
  };
}

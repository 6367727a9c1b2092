import type { Disk, TableSize } from '../dialects/cost.js';
import type { Session } from '../dialects/dialect.js';
import { ExitCode } from '../errors.js';
import type { Discard } from '../schema/row-work.js';
import { deedsOf, type Estimate, estimate } from './estimate.js';
import { type Question, questionsOf } from './guard.js';
import { locate } from './locate.js';
import { discardsOf, type PlannedRevision, type PlannedStep, shown } from './planned.js';
import { findReasons } from './preflight.js';
import { type Prepared, prepare } from './prepare.js';
import { inReadOnlyView } from './read-only.js';
import { loadReleases } from './releases.js';
import { loadChain } from './revisions.js';
import { startersOf, writersOf } from './starters.js';
import { revisionIn, type State } from './state.js';
import { neighbours } from './upgrade.js';
import { type Verdict, verdictOn } from './verdict.js';
import { findViolations } from './violations.js';
import type { UpgradeOptions, Work } from './work.js';

/** What `mltrack db upgrade` would do to this database now. Field names are stable; `version` is that of the shape. */
export interface Plan {
  readonly event: 'plan';
  readonly version: 1;
  readonly database: string;
  readonly server: string;
  readonly from: { readonly revision: string | null; readonly written: string };
  readonly to: { readonly revision: string; readonly release: string };
  /** "afterwards only MLflow 3.18 starts on it". */
  readonly afterwards: string;
  /** Tables are created at once, because there is nothing of MLflow's yet. */
  readonly creates: boolean;
  readonly revisions: readonly PlannedRevision[];
  readonly steps: readonly PlannedStep[];
  readonly tables: readonly TableSize[];
  readonly seconds: Estimate | null;
  readonly disk: Disk | null;
  /** What stands in its way; empty when the upgrade would succeed. */
  readonly reasons: readonly string[];
  readonly discards: readonly (Discard & { readonly revision: string })[];
  /** What must be agreed to first. */
  readonly questions: readonly Question[];
  /** What the MLflow in use does with the database now; null where none is known. */
  readonly mlflow: Verdict | null;
  readonly notes: readonly string[];
  /** 0 when the upgrade would succeed, else the exit code it would end with. */
  readonly exitCode: ExitCode;
}

/**
 * Works out what an upgrade would do, in one read-only view of the database, and changes nothing.
 *
 * @throws exit 2 for a target that is none, 5 for a database that is not MLflow's or too new
 */
export async function makePlan(session: Session, options: UpgradeOptions): Promise<Plan> {
  const [chain, releases] = await Promise.all([loadChain(), loadReleases()]);
  const work: Work = { session, chain, releases, options, started: Date.now(), agreed: new Set() };
  return inReadOnlyView(session, options.stop, async () => {
    const position = await locate(work);
    const head = await headOf(work, position.state, position);
    if (position.current === position.target && position.state.kind === 'revision')
      return { ...head, ...nothing, afterwards: startersOf(chain, releases, position.target) };
    return { ...head, ...(await bodyOf(work, await prepare(work, position))) };
  });
}

/** The parts of a plan in which nothing is done. */
const nothing = {
  creates: false,
  revisions: [],
  steps: [],
  tables: [],
  seconds: null,
  disk: null,
  reasons: [],
  discards: [],
  questions: [],
  notes: [],
  exitCode: ExitCode.done,
} satisfies Partial<Plan>;

async function headOf(
  { session, chain, releases, options }: Work,
  state: State,
  { current, target }: { current: number; target: number },
) {
  const goal = chain.revisions[target] as (typeof chain.revisions)[number];
  const tables = await session.tableNames();
  const { server } = options;
  return {
    event: 'plan',
    version: 1,
    database: session.place,
    server: session.server,
    from: {
      revision: revisionIn(state, chain),
      written: writersOf(chain, releases, current),
    },
    to: { revision: goal.revision as string, release: goal.release },
    mlflow: server ? await verdictOn({ state, current, tables }, server, chain, releases) : null,
  } as const;
}

async function bodyOf(work: Work, prepared: Prepared) {
  const { session, chain, releases, options } = work;
  const { live, target, fresh } = prepared;
  const steps = [...(prepared.settling ? [prepared.settling] : []), ...prepared.steps];
  const present = new Map(
    [...live].filter(([name]) => !prepared.settling?.before || prepared.settling.before.has(name)),
  );
  const notes: string[] = [...prepared.notes, ...(await neighbours(session, live))];
  const listen: UpgradeOptions['listen'] = (event) => {
    if (event.event === 'warning') notes.push(event.message);
  };
  const cost = await (await session.dialect.cost()).costOf(session);
  const deeds = deedsOf(cost, steps, session.dialect.transactionalDdl);
  const concerned = new Set(
    deeds.flatMap(({ claims, of }) => [
      ...claims.map(({ table }) => table),
      ...('reads' in of ? of.reads : []),
    ]),
  );
  const tables = await cost.storage([...concerned].filter((name) => present.has(name)));
  const disk = await cost.disk(deeds, tables);
  const reasons = [
    ...(await findReasons(session, { live, present }, prepared.steps, options.stop, listen)),
    ...(await findViolations(session, present, prepared.steps, options.stop)),
    ...tooLittle(disk),
  ];
  return {
    afterwards: startersOf(chain, releases, target),
    creates: fresh,
    ...(await shown(work, prepared, steps, deeds, cost)),
    tables,
    seconds: estimate(cost, deeds, tables, await cost.measure(tables)),
    disk,
    reasons,
    discards: await discardsOf(work, prepared, present, listen),
    questions: await questionsOf(work, prepared),
    notes,
    exitCode: reasons.length > 0 ? ExitCode.blocked : ExitCode.done,
  };
}

const tooLittle = ({ needed, free, where }: Disk): string[] =>
  free !== null && free < needed
    ? [
        `the upgrade needs about ${needed.toLocaleString('en')} bytes of disk while it runs, and ${free.toLocaleString('en')} are free in ${where}: make room first`,
      ]
    : [];

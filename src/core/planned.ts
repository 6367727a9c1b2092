import type { Cost, Deed, LockClaim } from '../dialects/cost.js';
import { type Irreversible, irreversibleOn } from '../schema/revision.js';
import type { Discard } from '../schema/row-work.js';
import type { Schema } from '../schema/table.js';
import type { Listener } from './events.js';
import type { Prepared } from './prepare.js';
import { rowContext } from './row-context.js';
import { scriptContext } from './script-rows.js';
import { stampStatements } from './stamp.js';
import type { RowStep, Step } from './steps.js';
import type { Work } from './work.js';

export type { LockClaim } from '../dialects/cost.js';

/** One revision of a plan. */
export interface PlannedRevision {
  readonly revision: string;
  readonly title: string;
  /** The first MLflow that ships it. */
  readonly release: string;
  /** Why it cannot be undone; null where it can. */
  readonly irreversible: Pick<Irreversible, 'kind' | 'why' | 'tables'> | null;
  /** Places of its steps in `steps`; a step may serve several revisions. */
  readonly steps: readonly number[];
  /** Whether the old MLflow server may run while it is carried out. */
  readonly meanwhile: string;
}

/** A statement, or work on rows, with what it does to the tables. */
export interface PlannedAction {
  /** What it does, in a few words. */
  readonly title: string;
  /** The SQL that will run; null for row work. */
  readonly sql: string | null;
  /** Row work that is done inside the server: its statements. Empty where rows are read in pages and written back. */
  readonly rowSql?: readonly string[];
  readonly locks: readonly LockClaim[];
  /** Row work: what it reads and writes. */
  readonly reads?: readonly string[];
  readonly writes?: readonly string[];
}

export interface PlannedStep {
  readonly kind: 'change' | 'rows' | 'stamp';
  /** The revisions that it serves. */
  readonly revisions: readonly string[];
  readonly actions: readonly PlannedAction[];
}

/** The steps of an upgrade and its revisions, as a plan shows them. @param deeds of all steps, in their order */
export async function shown(
  work: Work,
  { current, target, fresh }: Prepared,
  steps: readonly Step[],
  deeds: readonly Deed[],
  cost: Pick<Cost, 'meanwhile'>,
): Promise<{ revisions: PlannedRevision[]; steps: PlannedStep[] }> {
  const left = [...deeds];
  const { session, chain } = work;
  const idOf = (ordinal: number): string => chain.revisions[ordinal]?.revision ?? 'base';
  const all = chain.revisions.slice(Math.max(current, 0) + 1, target + 1);
  const servedBy = (step: Step): number[] => {
    if (fresh) return all.map((_, i) => Math.max(current, 0) + 1 + i);
    return [...new Set(step.kind === 'stamp' ? [step.ordinal] : [...step.ends, step.ordinal])];
  };
  const planned: PlannedStep[] = [];
  for (const step of steps) {
    const revisions = servedBy(step).map(idOf);
    if (step.kind === 'stamp') {
      const statements = stampStatements(session.dialect, step, idOf(step.ordinal));
      const actions = statements.map((sql): PlannedAction => ({ title: 'stamp', sql, locks: [] }));
      planned.push({ kind: 'stamp', revisions, actions });
      continue;
    }
    const taken = left.splice(0, step.kind === 'rows' ? 1 : step.statements.length).map(actionOf);
    const rowSql = step.kind === 'rows' ? await statementsOf(work, step) : undefined;
    const actions = rowSql ? taken.map((action) => ({ ...action, rowSql })) : taken;
    planned.push({ kind: step.kind, revisions, actions });
  }
  const revisions = all.map((revision): PlannedRevision => {
    const id = revision.revision as string;
    const places = planned.flatMap((step, i) => (step.revisions.includes(id) ? [i] : []));
    const locks = places.flatMap((i) => planned[i]?.actions.flatMap((action) => action.locks) ?? []);
    const found = irreversibleOn(revision, session.dialect.name);
    return {
      ...{ revision: id, title: revision.title, release: revision.release },
      irreversible: found && { kind: found.kind, why: found.why, tables: found.tables },
      steps: places,
      meanwhile: cost.meanwhile(locks),
    };
  });
  return { revisions, steps: planned };
}

/** The statements of row work that needs no value of a row: what it would send, written down instead of sent. */
async function statementsOf({ session, chain, options }: Work, step: RowStep): Promise<string[]> {
  if (step.work.sources) return [];
  const statements: string[] = [];
  const context = scriptContext(
    {
      ...{ chain, session: null, dialect: session.dialect, language: await session.dialect.script() },
      ...{ start: step.schema, stamp: null, steps: [], fresh: false, title: [], afterwards: [] },
      ...{ stop: options.stop, listen: () => undefined },
      emit: async (...lines) => {
        statements.push(...lines);
      },
    },
    step,
  );
  // A refusal is among the reasons of the plan, and no statement.
  await step.work.run({
    ...context,
    ...(context.script ? { script: { ...context.script, assert: async () => undefined } } : {}),
  });
  return statements;
}

const actionOf = ({ of, claims }: Deed): PlannedAction =>
  'sql' in of
    ? { title: of.title, sql: of.sql, locks: claims }
    : { title: of.title, sql: null, locks: claims, reads: of.reads, writes: of.writes };

/** What MLflow's own migration loses of this database, counted. @param present the tables that can be read now */
export async function discardsOf(
  { session, chain, options }: Work,
  { steps }: Prepared,
  present: Schema,
  listen: Listener,
): Promise<(Discard & { revision: string })[]> {
  const found: (Discard & { revision: string })[] = [];
  for (const step of steps) {
    if (step.kind !== 'rows' || !step.work.discards) continue;
    if (!step.work.reads.some((table) => present.has(table))) continue;
    const revision = chain.revisions[step.ordinal]?.revision as string;
    for (const discard of await step.work.discards(rowContext(session, options.stop, listen)))
      found.push({ revision, ...discard });
  }
  return found;
}

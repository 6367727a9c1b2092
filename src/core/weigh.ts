import type { Cost, LockClaim } from '../dialects/cost.js';
import type { Session, Statement } from '../dialects/dialect.js';
import type { RowWork } from '../schema/row-work.js';
import type { Step } from './steps.js';

/** How much of an upgrade one piece of it is. */
export interface Weight {
  /** Seconds, on a server of middling speed; only their proportion matters. */
  readonly seconds: number;
  /** About how many rows it goes through; null where it goes through none, or where that is not known. */
  readonly rows: number | null;
}

export interface Weights {
  of(work: Statement | RowWork): Weight;
  /** What the check of foreign keys costs, before and after, where mltrack does it itself; else 0. */
  readonly keyCheck: number;
  /** Everything together, in seconds as above. */
  readonly total: number;
}

/** Of fewer rows than these in all, no step takes long enough for its weight to matter. */
const worthWeighing = 10_000;

/** What a statement costs that only changes the catalog, and what a row costs, where the servers' own are not asked. */
const plain = { statement: 1e-3, row: 1e-6 };

type ChangeLike = Extract<Step, { kind: 'change' }>;

/**
 * Weighs the steps of an upgrade by what `db plan` knows of the server: a statement that only changes the catalog next
 * to nothing, one that reads, sorts or writes a table by its rows, row work by where it is done.
 *
 * @param tables the tables that are there now; rows of those that the upgrade creates are not known
 */
export async function weigh(
  session: Session,
  tables: ReadonlySet<string>,
  steps: readonly Step[],
): Promise<Weights> {
  const sizes = await sizesOf(session, tables, steps);
  if (sum(sizes.values()) < worthWeighing) return weightsBy(plainly(sizes), steps, 0);
  const { costOf } = await session.dialect.cost();
  const cost = await costOf(session);
  const { check, assumed } = cost.weights;
  const checked = check > 0 ? await keyedRows(session, steps, sizes) : 0;
  return weightsBy(priced(cost, sizes), steps, check * assumed.scan * checked);
}

/** The same for statements that are no upgrade's: by the rows of the tables that they scan. */
export async function weighPlainly(
  session: Session,
  tables: ReadonlySet<string>,
  steps: readonly Step[],
): Promise<Weights> {
  return weightsBy(plainly(await sizesOf(session, tables, steps)), steps, 0);
}

type Sizes = ReadonlyMap<string, number>;

async function sizesOf(
  session: Session,
  tables: ReadonlySet<string>,
  steps: readonly Step[],
): Promise<Map<string, number>> {
  const names = steps.flatMap((step) => {
    if (step.kind === 'rows') return step.work.reads;
    if (step.kind === 'stamp') return [];
    return step.statements.map(({ table }) => table);
  });
  const sizes = new Map<string, number>();
  for (const name of new Set(names)) if (tables.has(name)) sizes.set(name, await session.estimateRows(name));
  return sizes;
}

interface Pricing {
  statements(step: ChangeLike): Weight[];
  rows(work: RowWork): Weight;
}

function weightsBy(pricing: Pricing, steps: readonly Step[], keyCheck: number): Weights {
  const weights = new Map<Statement | RowWork, Weight>();
  let total = 2 * keyCheck;
  const note = (work: Statement | RowWork, weight: Weight): void => {
    weights.set(work, weight);
    total += weight.seconds;
  };
  for (const step of steps) {
    if (step.kind === 'rows') note(step.work, pricing.rows(step.work));
    if (step.kind !== 'change') continue;
    const found = pricing.statements(step);
    for (const [i, statement] of step.statements.entries()) note(statement, found[i] ?? nothing);
  }
  return { of: (work) => weights.get(work) ?? nothing, keyCheck, total };
}

const nothing: Weight = { seconds: 0, rows: null };

/** By rows alone. */
const plainly = (sizes: Sizes): Pricing => ({
  statements: ({ statements }) =>
    statements.map(({ scans, table }) => {
      const rows = scans ? (sizes.get(table) ?? null) : null;
      return { seconds: plain.statement + plain.row * (rows ?? 0), rows };
    }),
  rows: ({ reads }) => {
    const rows = readBy(reads, sizes);
    return { seconds: plain.statement + plain.row * (rows ?? 0), rows };
  },
});

/** By what the server does for a statement, which its locks tell (`Cost.claims`). */
function priced({ claims, weights, spills }: Cost, sizes: Sizes): Pricing {
  const { scan, sort } = weights.assumed;
  const size = (table: string): number => sizes.get(table) ?? 0;
  const claimed = ({ table, work, blocks }: LockClaim): number => {
    if (work === 'scan') return weights.scan * scan * size(table);
    if (work === 'rewrite')
      return (blocks === 'nothing' ? weights.rewrite : weights.copy) * scan * size(table);
    return work === 'build' || work === 'online' ? weights.build * sort * size(table) : 0;
  };
  return {
    statements: (step) => {
      const found = claims(step);
      return step.statements.map(({ table }, i) => {
        const own = sum((found[i] ?? []).map(claimed));
        return { seconds: weights.statement + own, rows: own > 0 ? (sizes.get(table) ?? null) : null };
      });
    },
    rows: ({ reads, streams }) => ({
      seconds:
        weights.statement +
        sum(
          reads.map((table) =>
            streams?.includes(table)
              ? weights.stream * scan * size(table)
              : weights.inside *
                sort *
                size(table) *
                spills({ table, rows: size(table), exact: false, bytes: null }),
          ),
        ),
      rows: readBy(reads, sizes),
    }),
  };
}

/** Rows of all tables that have foreign keys, also of those that no step is about. */
async function keyedRows(session: Session, steps: readonly Step[], sizes: Sizes): Promise<number> {
  const change = steps.find((step) => step.kind === 'change');
  let rows = 0;
  for (const { name, foreignKeys } of change?.before.values() ?? [])
    if (foreignKeys.length > 0)
      // What somebody's own table does not tell is no reason to stop.
      rows += sizes.get(name) ?? (await session.estimateRows(name).catch(() => 0));
  return rows;
}

const readBy = (reads: readonly string[], sizes: Sizes): number | null =>
  reads.some((table) => sizes.has(table)) ? sum(reads.map((table) => sizes.get(table) ?? 0)) : null;

const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);

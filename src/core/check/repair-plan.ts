import type { Session, Statement } from '../../dialects/dialect.js';
import type { RepairModule } from '../../dialects/repair.js';
import { apply, applyAll } from '../../schema/apply.js';
import { SchemaConflict } from '../../schema/conflict.js';
import type { Operation } from '../../schema/operation.js';
import type { Schema } from '../../schema/table.js';
import { lostReferences } from '../preflight.js';
import type { Stop } from '../stop.js';
import type { Checked } from './check.js';
import { comesBack } from './comes-back.js';
import { unfitKeys } from './repair-keys.js';
import { type Loose, looseOf, type Ordered, orderOf, tableOf } from './repair-order.js';
import { rowsAgainst } from './repair-rows.js';
import type { Reported } from './report.js';

/** What a repair does in one go, and for which findings. */
export interface Chunk {
  readonly operations: readonly Operation[];
  readonly statements: readonly Statement[];
  readonly before: Schema;
  readonly after: Schema;
  readonly owners: readonly string[];
}

/** Why a finding is left as it is. */
export interface Left {
  readonly reason: string;
  /** Rights or the server stand in the way, not rows and not the finding itself. */
  readonly blocked: boolean;
}

export interface RepairPlan {
  readonly checked: Checked;
  /** What will be repaired. */
  readonly chosen: readonly Reported[];
  /** By the id of the finding. */
  readonly left: ReadonlyMap<string, Left>;
  readonly chunks: readonly Chunk[];
}

export interface Planning {
  readonly session: Session;
  readonly module: RepairModule;
  readonly stop: Stop;
  /** Which findings are asked for; the others are only told. */
  readonly isAskedFor: (finding: Reported) => boolean;
  /** Findings that failed before, by id. */
  readonly failed: ReadonlyMap<string, Left>;
  /** Tables of which each finding is carried out alone, because several failed together. */
  readonly apart: ReadonlySet<string>;
}

/**
 * What can be repaired of what a check found, and what cannot and why; changes nothing. A finding that cannot be
 * repaired stands aside, and the others go on without it.
 */
export async function planRepair(checked: Checked, planning: Planning): Promise<RepairPlan> {
  const left = new Map<string, Left>();
  const leave = (id: string, reason: string, blocked = false) => left.set(id, { reason, blocked });
  for (const finding of checked.findings) {
    const failed = planning.failed.get(finding.id);
    if (finding.repair.kind === 'none') leave(finding.id, finding.repair.reason);
    else if (finding.repair.kind === 'command') leave(finding.id, `run: ${finding.repair.command}`);
    else if (!planning.isAskedFor(finding)) leave(finding.id, 'not asked for');
    else if (failed) left.set(finding.id, failed);
  }
  const open = () => checked.findings.filter(({ id }) => !left.has(id));
  for (const { id, repair } of open()) {
    const operations = repair.kind === 'operations' ? repair.operations : [];
    const reasons = await rowsAgainst(operations, { ...planning, ...checked });
    if (reasons.length > 0) leave(id, reasons.join('; '));
  }
  for (;;) {
    const conflict = firstConflict(open(), checked, planning);
    if (!conflict) break;
    for (const id of conflict.owners) leave(id, conflict.reason);
  }
  await leaveObstructed(open, checked, planning, leave);
  return { checked, chosen: open(), left, chunks: chunksOf(open(), checked, planning) };
}

const ordered = (findings: readonly Reported[], { expected }: Checked, { session }: Planning) =>
  // Where foreign keys are not looked at while tables change, everything about one table is done at once.
  orderOf(findings, expected, !session.dialect.checksForeignKeys);

interface Conflict {
  readonly owners: readonly string[];
  readonly reason: string;
}

/** What does not fit the schema as it is by then. */
function firstConflict(findings: readonly Reported[], checked: Checked, planning: Planning): Conflict | null {
  const { traits } = planning.session.dialect;
  let state = checked.live;
  const operations = ordered(findings, checked, planning);
  for (const { operation, owners } of operations) {
    try {
      state = apply(state, operation, traits);
    } catch (error) {
      if (error instanceof SchemaConflict) return { owners, reason: error.message };
      throw error;
    }
  }
  return unfitKeys(operations, state);
}

type Leave = (id: string, reason: string, blocked?: boolean) => void;

/** Rights, taken names, dependent objects. All are asked about at once, and one by one only where something stands in the way. */
async function leaveObstructed(
  open: () => Reported[],
  checked: Checked,
  planning: Planning,
  leave: Leave,
): Promise<void> {
  const { session } = planning;
  const against = async (parts: readonly Ordered[], before: Schema): Promise<string[]> => {
    const operations = parts.map(({ operation }) => operation);
    if (operations.length === 0) return [];
    const after = applyAll(before, operations, session.dialect.traits);
    return [...lostReferences(before, after), ...(await session.obstacles(operations, before, after))];
  };
  const all = ordered(open(), checked, planning);
  if ((await against(all, checked.live)).length === 0) return;
  for (const { id } of open()) {
    planning.stop.check();
    const own = new Set(all.filter(({ owners }) => owners.includes(id)));
    const others = all.filter((part) => !own.has(part)).map(({ operation }) => operation);
    // Seen alone where it can stand alone, else as the last of all.
    const before = standsOn(
      [...own].map(({ operation }) => operation),
      others,
      checked.live,
      planning,
    );
    const reasons = before ? await against([...own], before) : [];
    if (reasons.length > 0) leave(id, reasons.join('; '), true);
  }
}

function standsOn(
  own: readonly Operation[],
  others: readonly Operation[],
  live: Schema,
  { session }: Planning,
): Schema | null {
  const { traits } = session.dialect;
  const fits = (base: Schema): boolean => {
    try {
      applyAll(base, own, traits);
      return true;
    } catch (error) {
      if (error instanceof SchemaConflict) return false;
      throw error;
    }
  };
  if (fits(live)) return live;
  const built = others.reduce((state, operation) => {
    try {
      return apply(state, operation, traits);
    } catch (error) {
      if (error instanceof SchemaConflict) return state;
      throw error;
    }
  }, live);
  return fits(built) ? built : null;
}

function chunksOf(findings: readonly Reported[], checked: Checked, planning: Planning): Chunk[] {
  const { dialect } = planning.session;
  const chunks: Chunk[] = [];
  let state = checked.live;
  const loose = looseOf(findings);
  const add = ({ statements, owner }: Loose) =>
    chunks.push({ operations: [], statements, before: state, after: state, owners: [owner] });
  for (const part of loose.filter(({ first }) => first)) add(part);
  for (const group of groupsOf(ordered(findings, checked, planning), planning)) {
    const operations = group.map(({ operation }) => operation);
    const after = applyAll(state, operations, dialect.traits);
    const statements = dialect.compile(operations, state);
    const owners = [...new Set(group.flatMap((part) => part.owners))];
    chunks.push({ operations, statements, before: state, after, owners });
    state = after;
  }
  for (const part of loose.filter(({ first }) => !first)) add(part);
  return chunks;
}

/**
 * Neighbours on one table are changed at once where the server profits from it: where it rebuilds tables, or commits
 * each statement. Elsewhere each operation stands alone, so that an error tells whose it is.
 */
function groupsOf(parts: readonly Ordered[], { session, apart }: Planning): Ordered[][] {
  const { transactionalDdl, checksForeignKeys } = session.dialect;
  const folds = !transactionalDdl || !checksForeignKeys;
  const groups: Ordered[][] = [];
  let last = '';
  for (const part of parts) {
    const table = tableOf(part.operation);
    const key = apart.has(table) ? `${table}\0${part.owners.join('\0')}` : table;
    if (
      folds &&
      key === last &&
      !comesBack(part.operation, groups.at(-1)?.map(({ operation }) => operation) ?? [])
    )
      groups.at(-1)?.push(part);
    else groups.push([part]);
    last = key;
  }
  return groups;
}

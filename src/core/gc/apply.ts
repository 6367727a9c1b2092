import { halfWay, MltrackError } from '../../errors.js';
import type { Listener } from '../events.js';
import type { Stop } from '../stop.js';
import { collectExperiment } from './apply-experiment.js';
import { collectGroup, deleteRows } from './apply-group.js';
import type { Artifacts } from './artifacts.js';
import { batchesOf, itemsAtOnce } from './batches.js';
import { deleteDangling } from './dangling.js';
import { itemKinds, type RowDeleter } from './delete-rows.js';
import { type Rules, stillGoes } from './eligible-rules.js';
import { LockedOut } from './locked-out.js';
import type { KnownAt } from './plan-known.js';
import type { Chosen, PlanKind, Selected } from './plan-select.js';
import { Report } from './report.js';

export interface Applying {
  readonly known: KnownAt;
  readonly deleter: RowDeleter;
  readonly rules: Rules;
  /** null: they are kept. */
  readonly artifacts: Artifacts | null;
  readonly orphans: boolean;
  /** How long claimed rows are held at most, milliseconds, in place of `longestHold`. */
  readonly holdMs?: number;
  readonly stop: Stop;
  readonly listen: Listener;
}

/** A group's artifacts shall take about so long, milliseconds: the time in which a restored run loses them. */
const groupMs = { least: 500, most: 2000 };
const firstGroup = 16;

/**
 * Deletes what was selected: of each item first the artifacts, then its rows, so that a crash never leaves artifacts
 * without a row to find them by; experiments after what is in them. A second run goes on where this one ended.
 *
 * @throws exit 130, 143 after the group in hand, saying how far it is; 7 where another session stays in the way
 */
export async function collect(selected: Selected, applying: Applying): Promise<Report> {
  const report = new Report(selected.kept, selected.items.length);
  try {
    await collectAll(selected.items, applying, report);
    // A stop in the very last group left what was under way, and nothing after it looked.
    applying.stop.cannotUndo(report.progress);
    if (report.done + report.failed.length + report.kept.length < report.total) applying.stop.check();
    return report;
  } catch (error) {
    applying.stop.cannotUndo(report.progress);
    const stopped = applying.stop.requested && error instanceof MltrackError;
    throw stopped || report.done === 0 ? error : halfWay(error, report.progress);
  }
}

async function collectAll(items: readonly Chosen[], applying: Applying, report: Report): Promise<void> {
  const of = (kind: PlanKind) => items.filter((item) => item.kind === kind && item.inside === undefined);
  for (const kind of ['job', 'run', 'model'] as const) await collectItems(kind, of(kind), applying, report);
  const inside = new Map<string, Chosen[]>();
  for (const item of items)
    if (item.inside !== undefined) inside.set(item.inside, [...(inside.get(item.inside) ?? []), item]);
  const others = new LockedOut(report, applying.deleter.walk.words.locksRowsAlone);
  for (const experiment of of('experiment')) {
    checkpoint(applying, report, 'experiment');
    const models = inside.get(experiment.id) ?? [];
    const before = () => checkpoint(applying, report, 'experiment');
    const work = () => collectExperiment(experiment, models, applying, report, before);
    await others.group([experiment], work, before);
  }
  if (applying.orphans)
    report.orphans = await deleteDangling(applying.deleter, () => checkpoint(applying, report, 'orphans'));
}

const steps: Readonly<Record<PlanKind | 'orphans', string>> = {
  run: 'collecting runs',
  model: 'collecting logged models',
  experiment: 'collecting experiments',
  job: 'collecting jobs',
  orphans: 'collecting rows that point nowhere',
};

/** Where a stop ends the work. */
function checkpoint({ stop, listen }: Applying, report: Report, what: keyof typeof steps): void {
  stop.cannotUndo(report.progress);
  stop.check();
  const { done, total } = report;
  const step = `${steps[what]}: ${done} of ${total} items are gone`;
  const table = what === 'orphans' ? '' : itemKinds[what][0];
  listen({ event: 'progress', step, table, rows: null, share: total === 0 ? 1 : done / total });
}

async function collectItems(
  kind: Exclude<PlanKind, 'experiment'>,
  items: readonly Chosen[],
  applying: Applying,
  report: Report,
): Promise<void> {
  const { known, rules, artifacts, deleter } = applying;
  const still = stillGoes(kind, rules, { schema: known.schema, sql: known.session.sql });
  const touches = artifacts !== null && kind !== 'job';
  const byId = new Map(items.map((item) => [item.id, item]));
  let size = touches ? firstGroup : itemsAtOnce;
  const others = new LockedOut(report, deleter.walk.words.locksRowsAlone);
  // No group has more rows than one transaction takes: what is held while artifacts go is deleted in one.
  for await (const batch of batchesOf(deleter, kind, byId.keys()))
    for (let at = 0; at < batch.length; ) {
      checkpoint(applying, report, kind);
      const group = batch.slice(at, at + size).flatMap((id) => byId.get(id) ?? []);
      at += group.length;
      const work = async (some: readonly Chosen[]): Promise<number> => {
        if (touches) return collectGroup(kind, some, artifacts, still, applying, report);
        await deleteRows(kind, some, still, applying, report);
        return 0;
      };
      const ms = await others.group(group, work, () => checkpoint(applying, report, kind));
      if (!touches || !ms) continue;
      if (ms < groupMs.least) size = Math.min(size * 2, itemsAtOnce);
      if (ms > groupMs.most) size = Math.max(Math.floor(size / 2), firstGroup);
    }
}

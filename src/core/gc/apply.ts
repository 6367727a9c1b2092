import { halfWay, MltrackError } from '../../errors.js';
import type { Condition } from '../../schema/row-work.js';
import type { Listener } from '../events.js';
import type { Stop } from '../stop.js';
import { collectExperiment } from './apply-experiment.js';
import type { Artifacts, Removal } from './artifacts.js';
import { batchesOf, itemsAtOnce } from './batches.js';
import { claim } from './claim.js';
import { deleteDangling } from './dangling.js';
import { itemKinds, type RowDeleter } from './delete-rows.js';
import { chunks } from './eligible-registered.js';
import { type Rules, stillGoes } from './eligible-rules.js';
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
    return report;
  } catch (error) {
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
  for (const experiment of of('experiment')) {
    checkpoint(applying, report, 'experiment');
    await collectExperiment(experiment, inside.get(experiment.id) ?? [], applying, report, () =>
      checkpoint(applying, report, 'experiment'),
    );
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
  const { known, rules, artifacts } = applying;
  const still = stillGoes(kind, rules, { schema: known.schema, sql: known.session.sql });
  const touches = artifacts !== null && kind !== 'job';
  let size = touches ? firstGroup : itemsAtOnce;
  for (let at = 0; at < items.length; ) {
    checkpoint(applying, report, kind);
    const group = items.slice(at, at + size);
    at += group.length;
    const started = performance.now();
    const ready = touches ? await removeArtifacts(kind, group, artifacts, still, applying, report) : group;
    const ms = performance.now() - started;
    if (touches && ms < groupMs.least) size = Math.min(size * 2, itemsAtOnce);
    if (touches && ms > groupMs.most) size = Math.max(Math.floor(size / 2), firstGroup);
    await deleteRows(kind, ready, still, applying, report);
  }
}

/** The items of a group whose artifacts are gone, and how many files those were. */
async function removeArtifacts(
  kind: 'run' | 'model',
  group: readonly Chosen[],
  artifacts: Artifacts,
  still: Condition,
  { deleter }: Applying,
  report: Report,
): Promise<(Chosen & { readonly removed?: number })[]> {
  const ids = group.map(({ id }) => id);
  const claimed = new Map((await claim(deleter, kind, ids, still)).map((one) => [one.id, one.artifactUri]));
  await keepChanged(
    group.filter(({ id }) => !claimed.has(id)),
    deleter,
    report,
  );
  const places = [...claimed].flatMap(([owner, uri]) => (uri ? [{ owner, uri }] : []));
  const removals = new Map<string, Removal>(
    (await artifacts.remove(places)).map((removal) => [removal.owner, removal]),
  );
  return group.flatMap((item) => {
    if (!claimed.has(item.id)) return [];
    const removal = removals.get(item.id);
    if (!removal) return [item];
    if (removal.outcome === 'failed') report.fail(item, removal.why);
    if (removal.outcome !== 'gone') return [];
    report.addArtifacts(removal);
    return [{ ...item, removed: removal.files }];
  });
}

async function deleteRows(
  kind: Exclude<PlanKind, 'experiment'>,
  items: readonly (Chosen & { readonly removed?: number })[],
  still: Condition,
  { deleter }: Applying,
  report: Report,
): Promise<void> {
  const byId = new Map(items.map((item) => [item.id, item]));
  for await (const batch of batchesOf(deleter, kind, byId.keys())) {
    const { gone, changed, held, rows } = await deleter.deleteItems(kind, batch, { item: still });
    report.gone[kind] += gone.length;
    report.addRows(rows);
    const heldKeys = new Set(held.map(({ key }) => key));
    await keepChanged(
      changed.filter((id) => !heldKeys.has(id)).flatMap((id) => byId.get(id) ?? []),
      deleter,
      report,
    );
    for (const { key, table } of held) {
      const item = byId.get(key);
      if (item) report.keep(item, `rows of ${table} still need it`);
    }
  }
}

/** What no longer goes: restored meanwhile, or gone by another hand. */
async function keepChanged(
  items: readonly (Chosen & { readonly removed?: number })[],
  { walk }: RowDeleter,
  report: Report,
): Promise<void> {
  for (const some of chunks(items)) {
    const [table, key] = itemKinds[(some[0] as Chosen).kind];
    const { sql, params } = walk.keyed(
      table,
      key,
      some.map(({ id }) => id),
    );
    const rows = await walk.session.query<{ k: string | number }>(
      `SELECT ${walk.session.sql.quote(key)} AS k FROM ${table} WHERE ${sql}`,
      params,
    );
    const there = new Set(rows.map(({ k }) => String(k)));
    for (const item of some)
      if (!there.has(item.id)) report.keep(item, 'gone already, by another hand');
      else if (item.removed)
        report.fail(
          item,
          `restored while its artifacts were removed: it is kept, but ${item.removed} of its files are gone`,
        );
      else report.keep(item, 'restored or changed since it was chosen');
  }
}

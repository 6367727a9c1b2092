import type { Condition } from '../../schema/row-work.js';
import type { Applying } from './apply.js';
import type { Artifacts, Removal } from './artifacts.js';
import { claim } from './claim.js';
import { itemKinds, type RowDeleter } from './delete-rows.js';
import { chunks } from './eligible-registered.js';
import { heldItems, heldReason } from './held.js';
import { type Hold, longestHold } from './hold.js';
import type { Chosen, PlanKind } from './plan-select.js';
import type { Report } from './report.js';

/** One group: its artifacts, then its rows. @returns how long the artifacts took, milliseconds */
export async function collectGroup(
  kind: 'run' | 'model',
  group: readonly Chosen[],
  artifacts: Artifacts,
  still: Condition,
  applying: Applying,
  report: Report,
): Promise<number> {
  const { deleter } = applying;
  const started = performance.now();
  const ids = group.map(({ id }) => id);
  const { items, hold } = await claim(deleter, kind, ids, still, applying.holdMs ?? longestHold);
  const claimed = new Map(items.map(({ id, artifactUri }) => [id, artifactUri]));
  let ms: number;
  try {
    const held = await heldItems(deleter, kind, [...claimed.keys()]);
    for (const item of group)
      if (held.has(item.id)) report.keep(item, heldReason(held.get(item.id) as string));
    for (const id of held.keys()) claimed.set(id, null);
    const mine = group.filter(({ id }) => claimed.has(id) && !held.has(id));
    const ready = await removeArtifacts(mine, claimed, artifacts, report);
    ms = performance.now() - started;
    if (ready.length > 0) await deleteRows(kind, ready, still, applying, report, hold);
  } finally {
    await hold?.release();
  }
  await keepChanged(
    group.filter(({ id }) => !claimed.has(id)),
    deleter,
    report,
  );
  return ms;
}

type Cleared = Chosen & { readonly removed?: number };

/** The items whose artifacts are gone, and how many files those were. */
async function removeArtifacts(
  group: readonly Chosen[],
  uris: ReadonlyMap<string, string | null>,
  artifacts: Artifacts,
  report: Report,
): Promise<Cleared[]> {
  const places = [...uris].flatMap(([owner, uri]) => (uri ? [{ owner, uri }] : []));
  const removals = new Map<string, Removal>(
    (await artifacts.remove(places)).map((removal) => [removal.owner, removal]),
  );
  return group.flatMap((item) => {
    const removal = removals.get(item.id);
    if (!removal) return [item];
    if (removal.outcome === 'failed') report.fail(item, removal.why);
    if (removal.outcome !== 'gone') return [];
    report.addArtifacts(removal);
    return [{ ...item, removed: removal.files }];
  });
}

/** The rows of items whose artifacts, if any, are gone. */
export async function deleteRows(
  kind: Exclude<PlanKind, 'experiment'>,
  items: readonly Cleared[],
  still: Condition,
  { deleter }: Applying,
  report: Report,
  hold: Hold | null = null,
): Promise<void> {
  const byId = new Map(items.map((item) => [item.id, item]));
  const deleted = await deleter.deleteItems(kind, [...byId.keys()], { item: still }, hold);
  report.gone[kind] += deleted.gone.length;
  report.addRows(deleted.rows);
  const heldKeys = new Set(deleted.held.map(({ key }) => key));
  await keepChanged(
    deleted.changed.filter((id) => !heldKeys.has(id)).flatMap((id) => byId.get(id) ?? []),
    deleter,
    report,
  );
  for (const { key, table } of deleted.held) {
    const item = byId.get(key);
    if (item?.removed)
      report.fail(item, `${heldReason(table)}: it is kept, but ${item.removed} of its files are gone`);
    else if (item) report.keep(item, heldReason(table));
  }
}

/** What no longer goes: restored meanwhile, or gone by another hand. */
export async function keepChanged(
  items: readonly Cleared[],
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

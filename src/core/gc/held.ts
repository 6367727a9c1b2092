import { itemKinds, type RowDeleter } from './delete-rows.js';
import { chunks } from './eligible-registered.js';
import type { Kept } from './eligible-rules.js';
import { idsOf } from './plan.js';
import type { Chosen, PlanKind, Selected } from './plan-select.js';

/** Items that rows of another table still need, each with that table; told before anything of them goes. */
export async function heldItems(
  deleter: RowDeleter,
  kind: Exclude<PlanKind, 'experiment'>,
  ids: readonly string[],
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const { walk } = deleter;
  for (const some of chunks(ids)) {
    // One question is enough, nearly always.
    if ((await walk.held(deleter.node(kind), some)) === undefined) continue;
    for (const id of some) {
      const table = await walk.held(deleter.node(kind), [id]);
      if (table !== undefined) found.set(id, table);
    }
  }
  return found;
}

/** The same of experiments; their runs and models are items of their own. */
async function heldExperiments(deleter: RowDeleter, ids: readonly string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const own = [itemKinds.run[0], itemKinds.model[0]];
  for (const id of ids) {
    const table = await deleter.walk.held(deleter.node('experiment'), [id], own);
    if (table !== undefined) found.set(id, table);
  }
  return found;
}

export const heldReason = (table: string): string => `rows of ${table} still need it`;

/** A selection without what a user's own tables still need, and without the experiments that hold such an item. */
export async function keepHeld(deleter: RowDeleter, selected: Selected): Promise<Selected> {
  if (!deleter.hasStrangers) return selected;
  const held = new Map<string, Kept>();
  const keyOf = ({ kind, id }: Chosen) => `${kind} ${id}`;
  const keep = (item: Chosen, reason: string) => held.set(keyOf(item), { item, reason });
  for (const kind of ['run', 'model', 'job'] as const) {
    const tables = await heldItems(deleter, kind, idsOf(selected.items, kind));
    for (const item of selected.items)
      if (item.kind === kind && tables.has(item.id)) keep(item, heldReason(tables.get(item.id) as string));
  }
  const own = await heldExperiments(deleter, idsOf(selected.items, 'experiment'));
  const within = new Map([...held.values()].map((one) => [one.item.experimentId, one]));
  for (const item of selected.items.filter(({ kind }) => kind === 'experiment')) {
    const [table, inside] = [own.get(item.id), within.get(item.id)];
    if (table !== undefined) keep(item, heldReason(table));
    else if (inside) keep(item, `it holds ${inside.item.kind} ${inside.item.id}, and ${inside.reason}`);
  }
  // An active model goes with its experiment or not at all.
  for (const item of selected.items)
    if (item.inside !== undefined && held.has(`experiment ${item.inside}`) && !held.has(keyOf(item)))
      keep(item, `its experiment ${item.inside} stays`);
  if (held.size === 0) return selected;
  return {
    items: selected.items.filter((item) => !held.has(keyOf(item))),
    kept: [...selected.kept, ...held.values()],
  };
}

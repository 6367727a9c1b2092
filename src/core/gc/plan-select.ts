import { itemKinds } from './delete-rows.js';
import { eligible } from './eligible.js';
import type { Item, Kept, Rules } from './eligible-rules.js';
import type { KnownAt } from './plan-known.js';

/** The kinds of which a plan lists each one; traces go with their experiment. */
export const planKinds = ['run', 'model', 'experiment', 'job'] as const;
export type PlanKind = (typeof planKinds)[number];

/** Something that goes, and why. */
export interface Chosen extends Item {
  readonly kind: PlanKind;
  readonly reason: string;
  /** A logged model that is not deleted itself: it goes with this experiment or not at all. */
  readonly inside?: string;
}

export interface Selected {
  readonly items: readonly Chosen[];
  readonly kept: readonly Kept[];
}

/** Everything that the rules reach. `known.session` is only read. */
export async function select(known: KnownAt, rules: Rules, checkpoint: () => void): Promise<Selected> {
  const chosen = new Collection(Object.values(rules.ids).some((ids) => ids !== undefined));
  for (const kind of planKinds)
    for await (const { items, kept } of eligible(known, kind, rules)) {
      checkpoint();
      for (const item of items) chosen.add({ ...item, kind, reason: reasonToGo(item, kind, rules) });
      for (const one of kept) chosen.keep(one);
      if (kind === 'experiment' && rules.activeModels === 'go')
        for (const model of await activeModels(
          known,
          items.map(({ id }) => id),
        ))
          chosen.add(model);
    }
  return chosen;
}

/**
 * What a plan lists, as far as it still goes and is what the plan saw.
 *
 * @param planned by kind: id → when it was deleted, milliseconds
 */
export async function selectAgain(
  known: KnownAt,
  rules: Rules,
  planned: Readonly<Record<PlanKind, ReadonlyMap<string, number | null>>>,
  inside: ReadonlySet<string>,
  checkpoint: () => void,
): Promise<Selected> {
  const chosen = new Collection(true);
  for (const kind of planKinds) {
    const ids = [...planned[kind].keys()].filter((id) => kind !== 'model' || !inside.has(id));
    if (ids.length === 0) continue;
    for await (const { items, kept } of eligible(known, kind, { ...rules, ids: { [kind]: ids } })) {
      checkpoint();
      for (const item of items)
        if (planned[kind].get(item.id) === item.deletedAt)
          chosen.add({ ...item, kind, reason: 'the plan lists it' });
        else chosen.keep({ item, reason: 'it was changed since the plan was made' });
      for (const one of kept) chosen.keep(one);
      if (kind !== 'experiment' || rules.activeModels !== 'go') continue;
      const models = await activeModels(
        known,
        items.map(({ id }) => id),
      );
      for (const model of models) if (inside.has(model.id)) chosen.add(model);
    }
  }
  return chosen;
}

/** How many different texts are remembered. */
const mostShared = 5000;

/** Collects each item once. */
export class Collection implements Selected {
  readonly items: Chosen[] = [];
  readonly kept: Kept[] = [];
  private readonly seen = new Set<string>();
  private shared = new Map<string, string>();

  /** @param named items were named: a run that is, and whose experiment is, comes twice */
  constructor(private readonly named: boolean) {}

  add(item: Chosen): void {
    if (this.isNew(item)) this.items.push(this.lean(item));
  }

  keep(one: Kept): void {
    if (this.isNew(one.item)) this.kept.push({ item: this.lean(one.item), reason: this.share(one.reason) });
  }

  private isNew({ kind, id }: Item): boolean {
    if (!this.named) return true;
    const key = `${kind} ${id}`;
    if (this.seen.has(key)) return false;
    this.seen.add(key);
    return true;
  }

  /** Of hundreds of thousands of items many say the same: each text is held once. */
  private lean<T extends Item & { readonly reason?: string }>(item: T): T {
    const { name, experimentId, reason } = item;
    return {
      ...item,
      name: name === null ? null : this.share(name),
      experimentId: experimentId === null ? null : this.share(experimentId),
      ...(reason === undefined ? {} : { reason: this.share(reason) }),
    };
  }

  private share(text: string): string {
    const known = this.shared.get(text);
    if (known !== undefined) return known;
    if (this.shared.size >= mostShared) this.shared = new Map();
    this.shared.set(text, text);
    return text;
  }
}

/** Why an item goes. */
export function reasonToGo({ deletedAt }: Item, kind: PlanKind, { cutoff, ids }: Rules): string {
  const named = ids[kind] ? 'named, ' : '';
  const moment = deletedAt === null ? null : new Date(deletedAt).toISOString().replace(/\.\d+Z$/, 'Z');
  if (kind === 'job') return `${named}has ended${moment ? `, created ${moment}` : ''}`;
  if (moment) return `${named}deleted ${moment}`;
  return `${named}deleted at an unknown time${cutoff === null ? '' : ' (--undated)'}`;
}

/** Logged models of experiments that go which are not deleted themselves. */
async function activeModels(known: KnownAt, experiments: readonly string[]): Promise<Chosen[]> {
  const [table, key] = itemKinds.model;
  if (!known.schema.has(table) || experiments.length === 0) return [];
  const { session } = known;
  const { oneOf } = await session.dialect.gc();
  const among = oneOf('experiment_id', 'integer', experiments.map(Number));
  const rows = await session.query<Record<'id' | 'name' | 'uri', string | null> & { experiment: number }>(
    `SELECT ${key} AS id, ${session.sql.quote('name')} AS name, artifact_location AS uri, experiment_id AS experiment
     FROM ${table} WHERE ${among.sql} AND (lifecycle_stage <> 'deleted' OR lifecycle_stage IS NULL) ORDER BY ${key}`,
    among.params,
  );
  return rows.map(({ id, name, uri, experiment }) => ({
    ...{ kind: 'model', id: String(id), name, experimentId: String(experiment), deletedAt: null },
    ...{ artifactUri: uri, inside: String(experiment) },
    reason: `not deleted itself, goes with experiment ${experiment} (--include-active-models)`,
  }));
}

import type { Artifacts, Measured } from './artifacts.js';
import type { MissingRoot } from './artifacts-roots.js';
import { tracePlaces } from './artifacts-traces.js';
import { edgeName, findDangling } from './dangling.js';
import type { RowDeleter } from './delete-rows.js';
import { chunks } from './eligible-registered.js';
import type { Kept } from './eligible-rules.js';
import type { FoundOrphans } from './orphan-artifacts-types.js';
import type { Identity } from './plan-identity.js';
import type { KnownAt } from './plan-known.js';
import { type Chosen, type PlanKind, planKinds, type Selected } from './plan-select.js';

/** What lies at an item's place; `why` where that cannot be told. */
export type PlannedArtifacts = { readonly files: number; readonly bytes: number } | { readonly why: string };

export interface PlannedItem extends Chosen {
  readonly artifacts?: PlannedArtifacts;
  /** Of an experiment: the traces that go with it. */
  readonly traces?: Traces;
}

/** Traces of an experiment; times are milliseconds since the epoch. */
export interface Traces {
  readonly count: number;
  readonly oldest: number | null;
  readonly newest: number | null;
}

/** What the plan was made with, as far as a later run must know it. */
export interface PlanChoices {
  readonly cutoff: number | null;
  readonly undated: boolean;
  readonly workspace: string | null;
  readonly includeActiveModels: boolean;
  readonly includeRegistered: boolean;
  readonly ignoreRegistry: boolean;
  readonly keepArtifacts: boolean;
  readonly orphans: boolean;
}

export interface GcPlan {
  readonly identity: Identity;
  /** Milliseconds since the epoch. */
  readonly madeAt: number;
  readonly choices: PlanChoices;
  readonly items: readonly PlannedItem[];
  readonly kept: readonly Kept[];
  /** Rows that go with the items; one that hangs on two of them is counted with each. */
  readonly rows: Readonly<Record<string, number>>;
  /** null with --keep-artifacts. `unknown`: items whose artifacts could not be counted. */
  readonly artifacts: { readonly files: number; readonly bytes: number; readonly unknown: number } | null;
  /** Local directories that are not here: to apply the plan is refused there. */
  readonly missingRoots: readonly MissingRoot[];
  /** Rows that point nowhere, by link; null without --orphans. */
  readonly orphans: readonly { readonly link: string; readonly rows: number }[] | null;
  /** Folders that belong to nothing; null where none were looked for. */
  readonly orphanArtifacts?: FoundOrphans | null;
}

export interface Planning {
  readonly known: KnownAt;
  readonly deleter: RowDeleter;
  readonly identity: Identity;
  readonly selected: Selected;
  readonly choices: PlanChoices;
  /** null: they are kept. */
  readonly artifacts: Artifacts | null;
  readonly orphanArtifacts?: FoundOrphans | null;
  readonly missing: readonly MissingRoot[];
  readonly now: number;
  readonly checkpoint: () => void;
}

/** Counts everything that would go. Only reads. */
export async function planOf(planning: Planning): Promise<GcPlan> {
  const { selected, deleter, identity, choices, artifacts, checkpoint, now } = planning;
  const traces = await tracesOf(planning);
  const rows = new Map<string, number>();
  for (const kind of planKinds)
    for (const some of chunks(idsOf(selected.items, kind))) {
      checkpoint();
      for (const [table, n] of await deleter.count(kind, some)) rows.set(table, (rows.get(table) ?? 0) + n);
    }
  const measured = artifacts ? await measure(planning, artifacts) : new Map<string, PlannedArtifacts>();
  const items = selected.items.map((item): PlannedItem => {
    const [mine, own] = [measured.get(`${item.kind} ${item.id}`), traces.get(item.id)];
    return {
      ...item,
      ...(mine ? { artifacts: mine } : {}),
      ...(item.kind === 'experiment' && own ? { traces: own } : {}),
    };
  });
  const dangling = choices.orphans ? await findDangling(deleter) : null;
  return {
    ...{ identity, madeAt: now, choices, items, kept: selected.kept },
    rows: Object.fromEntries([...rows].sort(([a], [b]) => (a < b ? -1 : 1))),
    artifacts: artifacts ? sumOf([...measured.values()]) : null,
    missingRoots: planning.missing,
    orphans: dangling?.map(({ edge, rows: n }) => ({ link: edgeName(edge), rows: n })) ?? null,
    orphanArtifacts: planning.orphanArtifacts ?? null,
  };
}

export const idsOf = (items: readonly Chosen[], kind: PlanKind): string[] =>
  items.filter((item) => item.kind === kind).map(({ id }) => id);

async function tracesOf({ known, selected }: Planning): Promise<Map<string, Traces>> {
  const found = new Map<string, Traces>();
  if (!known.schema.has('trace_info')) return found;
  const { session } = known;
  const { oneOf } = await session.dialect.gc();
  const { asText } = session.sql;
  for (const some of chunks(idsOf(selected.items, 'experiment'))) {
    const among = oneOf('experiment_id', 'integer', some.map(Number));
    const rows = await session.query<Record<'id' | 'n', number> & Record<'a' | 'z', string | null>>(
      `SELECT experiment_id AS id, COUNT(*) AS n, ${asText('MIN(timestamp_ms)')} AS a, ${asText('MAX(timestamp_ms)')} AS z
       FROM trace_info WHERE ${among.sql} GROUP BY experiment_id`,
      among.params,
    );
    const time = (text: string | null) => (text === null ? null : Number(text));
    for (const { id, n, a, z } of rows)
      found.set(String(id), { count: Number(n), oldest: time(a), newest: time(z) });
  }
  return found;
}

async function measure(
  { selected, deleter, checkpoint }: Planning,
  artifacts: Artifacts,
): Promise<Map<string, PlannedArtifacts>> {
  const found = new Map<string, PlannedArtifacts>();
  const withPlace = selected.items.filter(
    ({ kind, artifactUri }) => artifactUri && (kind === 'run' || kind === 'model'),
  );
  for (const some of chunks(withPlace)) {
    checkpoint();
    const measured = await artifacts.measure(
      some.map(({ id, artifactUri }) => ({ owner: id, uri: artifactUri as string })),
    );
    measured.forEach((one, i) => {
      const { kind, id } = some[i] as Chosen;
      found.set(`${kind} ${id}`, plannedOf(one));
    });
  }
  for (const id of idsOf(selected.items, 'experiment')) {
    const all: PlannedArtifacts[] = [];
    for await (const page of tracePlaces(deleter.walk, id)) {
      checkpoint();
      all.push(sumOf((await artifacts.measure(page)).map(plannedOf)));
    }
    if (all.length > 0) found.set(`experiment ${id}`, sumOf(all));
  }
  return found;
}

/** A measure without the newest time. */
export const plannedOf = (one: Measured): PlannedArtifacts =>
  'why' in one ? { why: one.why } : { files: one.files, bytes: one.bytes };

/** All together; `unknown`: how many could not be counted. */
export function sumOf(all: readonly PlannedArtifacts[]) {
  const sum = { files: 0, bytes: 0, unknown: 0 };
  for (const one of all)
    if ('why' in one) sum.unknown++;
    else {
      sum.files += one.files;
      sum.bytes += one.bytes;
      sum.unknown += 'unknown' in one ? Number(one.unknown) : 0;
    }
  return sum;
}

import { join } from 'node:path';
import { blockedError } from '../../errors.js';
import type { Artifacts } from './artifacts.js';
import type { MissingRoot } from './artifacts-roots.js';
import { type FileStore, modelsFolder } from './file-store.js';
import {
  contentsOf,
  type ExperimentFolder,
  experimentsOf,
  foldersNamed,
  namesIn,
} from './file-store-find.js';
import { readMeta } from './file-store-meta.js';
import { sizeOfItem } from './file-store-remove.js';
import type { SelectedFiles } from './file-store-select.js';
import { filedTracePlaces } from './file-store-traces.js';
import { type GcPlan, type PlanChoices, type PlannedArtifacts, plannedOf, sumOf } from './plan.js';
import type { Identity } from './plan-identity.js';
import type { Chosen, PlanKind } from './plan-select.js';

/** In the place of a dialect's name. */
const kindOfStore = 'file';

/** What tells one file store from another: its directory and its first active experiment. */
export async function fileIdentity(store: FileStore): Promise<Identity> {
  let anchor: Identity['anchor'] = null;
  for (const folder of await experimentsOf(store)) {
    if (anchor || folder.inTrash || folder.link) continue;
    const meta = await readMeta(folder.path);
    if (!('fields' in meta) || meta.fields.get('experiment_id') !== folder.id) continue;
    const createdAt = meta.fields.get('creation_time') ?? null;
    anchor = { experiment: folder.id, name: meta.fields.get('name') ?? '', createdAt };
  }
  return { dialect: kindOfStore, place: store.root, revision: null, anchor };
}

/** Refuses a plan of another store. @throws exit 10 */
export async function refuseAnotherStore(store: FileStore, planned: Identity, file: string): Promise<void> {
  const another = (what: string) =>
    blockedError(
      `${file} is a plan for another store: ${what}; nothing was deleted`,
      'make a plan of this one: mltrack gc --plan FILE',
    );
  if (planned.dialect !== kindOfStore || planned.place !== store.root)
    throw another(`${planned.place}, and this is ${store.root}`);
  if (!planned.anchor) return;
  const { experiment, name, createdAt } = planned.anchor;
  for (const { path } of await foldersNamed(store, experiment)) {
    const meta = await readMeta(path);
    if ('fields' in meta && (meta.fields.get('creation_time') ?? null) === createdAt) return;
  }
  throw another(`its experiment ${experiment} (${name}) is not here`);
}

export interface FilePlanning {
  readonly store: FileStore;
  readonly selected: SelectedFiles;
  readonly choices: PlanChoices;
  /** null: they are kept, or not counted. */
  readonly artifacts: Artifacts | null;
  readonly missing: readonly MissingRoot[];
  readonly now: number;
  readonly checkpoint: () => void;
}

/** Counts everything that would go: the files of each item's own directory, and of its artifacts elsewhere. */
export async function planFiles(planning: FilePlanning): Promise<GcPlan> {
  const { store, selected, choices, artifacts, checkpoint, now } = planning;
  const measured: PlannedArtifacts[] = [];
  const items = [];
  for (const item of selected.items) {
    checkpoint();
    const mine = artifacts ? await measure(planning, item, artifacts) : null;
    if (mine) measured.push(mine);
    const traces = item.kind === 'experiment' ? await countTraces(store, item.id) : 0;
    items.push({
      ...item,
      ...(mine ? { artifacts: mine } : {}),
      ...(traces > 0 ? { traces: { count: traces, oldest: null, newest: null } } : {}),
    });
  }
  return {
    ...{ identity: await fileIdentity(store), madeAt: now, choices, items, kept: selected.kept, rows: {} },
    artifacts: artifacts ? sumOf(measured) : null,
    missingRoots: planning.missing,
    ...{ orphans: null, orphanArtifacts: null },
  };
}

async function measure(
  { store, selected, checkpoint }: FilePlanning,
  item: Chosen,
  artifacts: Artifacts,
): Promise<PlannedArtifacts> {
  try {
    const except = item.kind === 'experiment' ? await placesIn(store, item.id, selected.items) : undefined;
    const all: PlannedArtifacts[] = [await sizeOfItem(store, item, except ? { except } : {})];
    if (item.artifactUri !== null && item.kind !== 'experiment')
      all.push(...(await artifacts.measure([{ owner: item.id, uri: item.artifactUri }])).map(plannedOf));
    if (item.kind === 'experiment')
      for await (const page of filedTracePlaces(store, item.id)) {
        checkpoint();
        all.push(...(await artifacts.measure(page)).map(plannedOf));
      }
    return all.find((one) => 'why' in one) ?? sumOf(all);
  } catch (error) {
    checkpoint();
    return { why: error instanceof Error ? error.message : String(error) };
  }
}

/** What of an experiment is counted by itself. */
async function placesIn(store: FileStore, id: string, items: readonly Chosen[]): Promise<Set<string>> {
  const places = new Set<string>();
  for (const { path } of await foldersNamed(store, id))
    for (const item of items)
      if (item.experimentId === id && item.kind !== 'experiment')
        places.add(join(path, ...(item.kind === 'model' ? [modelsFolder] : []), item.id));
  return places;
}

async function countTraces(store: FileStore, id: string): Promise<number> {
  let count = 0;
  for (const folder of await foldersNamed(store, id))
    count += (await namesIn({ ...folder, path: join(folder.path, 'traces') }, 'run').catch(() => [])).length;
  return count;
}

/** How many there are of a kind, deleted or not. */
export async function countFiled(store: FileStore, kind: PlanKind): Promise<number> {
  const folders = await experimentsOf(store);
  if (kind === 'experiment') return folders.length;
  let count = 0;
  for (const folder of folders)
    if (kind !== 'job') for await (const { wrong } of contentsOf(store, folder, kind)) count += wrong ? 0 : 1;
  return count;
}

/** The store and the places of all experiments must survive: no item that is one, or holds one, goes. */
export async function protectInFiles(
  { root }: FileStore,
  folders: readonly ExperimentFolder[],
  artifacts: Artifacts,
): Promise<void> {
  artifacts.protect(root);
  for (const { path, link } of folders) {
    const meta = link ? null : await readMeta(path);
    const uri = meta && 'fields' in meta ? meta.fields.get('artifact_location') : null;
    if (uri) artifacts.protect(uri);
  }
}

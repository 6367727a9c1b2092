import { type Item, type Kept, type Page, type Rules, tooYoung } from './eligible-rules.js';
import type { FileStore } from './file-store.js';
import { reasonOfContents } from './file-store-experiments.js';
import {
  contentsOf,
  type ExperimentFolder,
  experimentsOf,
  type FileKind,
  type Found,
  locate,
  namesIn,
} from './file-store-find.js';

/** Of what is kept, also that into which nobody could look: it may be deleted and old, and is a failure. */
export interface FilePage extends Page {
  readonly unreadable: readonly Kept[];
}

/** How many items a page has. */
const itemsAtOnce = 1000;
/** From so many named ids on, experiments are listed. */
const manyNamed = 20;

/**
 * What `eligible` is for a database: everything of a kind that the rules reach, page by page; what goes, and what stays
 * and why. A file store has no jobs, and no workspaces but `default`.
 */
export async function* eligibleFiles(
  store: FileStore,
  kind: FileKind | 'job',
  rules: Rules,
): AsyncGenerator<FilePage> {
  const folders = await experimentsOf(store);
  const empty = () => ({ items: [] as Item[], kept: [] as Kept[], unreadable: [] as Kept[] });
  let page = empty();
  for await (const { item, reason, unreadable } of judged(store, kind, rules, folders)) {
    const kept = { item, reason: reason ?? '' };
    if (reason === null) page.items.push(item);
    else page.kept.push(kept);
    if (unreadable) page.unreadable.push(kept);
    if (page.items.length + page.kept.length < itemsAtOnce) continue;
    yield page;
    page = empty();
  }
  if (page.items.length + page.kept.length > 0) yield page;
}

interface Judged {
  readonly item: Item;
  readonly reason: string | null;
  readonly unreadable: boolean;
}

async function* judged(
  store: FileStore,
  kind: FileKind | 'job',
  rules: Rules,
  folders: readonly ExperimentFolder[],
): AsyncGenerator<Judged> {
  const named = rules.ids[kind];
  const here = rules.workspace === null || rules.workspace === 'default';
  const judge = async (found: Found): Promise<Judged> => ({
    item: found.item,
    reason: await reasonToStay(store, found, rules, folders),
    unreadable: found.unreadable ?? false,
  });
  const where = named && here && kind !== 'job' ? await whereabouts(kind, named, folders) : null;
  for (const id of new Set(named ?? [])) {
    const found = where && kind !== 'job' ? await locate(store, kind, id, where.get(id) ?? where.all) : null;
    if (found) yield await judge(found);
    else yield { item: nothing(kind, id), reason: absent(kind, rules, folders), unreadable: false };
  }
  if (!here || kind === 'job') return;
  if (kind === 'experiment') {
    if (!anyNamed(rules)) yield* deletedExperiments(store, folders, judge);
    return;
  }
  const within = rules.ids.experiment ?? (anyNamed(rules) ? [] : null);
  for (const folder of folders) {
    if (within && !within.includes(folder.id)) continue;
    for await (const found of contentsOf(store, folder, kind))
      if (found.deleted || found.wrong !== null) yield await judge(found);
  }
}

/** Looking into each experiment for each of many ids takes their product; here each is listed once. */
async function whereabouts(
  kind: FileKind,
  ids: readonly string[],
  folders: readonly ExperimentFolder[],
): Promise<
  Pick<ReadonlyMap<string, readonly ExperimentFolder[]>, 'get'> & { all: readonly ExperimentFolder[] }
> {
  if (kind === 'experiment' || ids.length < manyNamed) return { get: () => undefined, all: folders };
  const wanted = new Set(ids);
  const found = new Map<string, ExperimentFolder[]>();
  // Those that cannot be listed may hold any of them.
  const blind: ExperimentFolder[] = [];
  for (const folder of folders) {
    const names = await namesIn(folder, kind).catch(() => null);
    if (!names) blind.push(folder);
    for (const name of names ?? [])
      if (wanted.has(name)) found.set(name, [...(found.get(name) ?? []), folder]);
  }
  return { get: (id) => found.get(id), all: blind };
}

const anyNamed = ({ ids }: Rules): boolean => Object.values(ids).some((list) => list !== undefined);

const nothing = (kind: FileKind | 'job', id: string): Item => ({
  ...{ kind, id, name: null, experimentId: null, deletedAt: null, artifactUri: null },
});

function absent(kind: FileKind | 'job', { workspace }: Rules, folders: readonly ExperimentFolder[]): string {
  const where = workspace === null || workspace === 'default' ? '' : ` in workspace ${workspace}`;
  const link = kind === 'job' ? undefined : folders.find((folder) => folder.link);
  const unseen = link ? `; ${link.path} is a symbolic link and was not looked into` : '';
  return `there is no such ${kind}${where}${unseen}`;
}

/** Those in `.trash`, those whose deletion was cut off, and links, behind which nobody looks. */
async function* deletedExperiments(
  store: FileStore,
  folders: readonly ExperimentFolder[],
  judge: (found: Found) => Promise<Judged>,
): AsyncGenerator<Judged> {
  for (const folder of folders) {
    const found = await locate(store, 'experiment', folder.id, [folder]);
    if (found && (folder.inTrash || folder.link || found.deleted || found.unreadable))
      yield await judge(found);
  }
}

/** Why an item stays; null: it goes. */
export async function reasonToStay(
  store: FileStore,
  found: Found,
  rules: Rules,
  folders: readonly ExperimentFolder[],
): Promise<string | null> {
  const reason = reasonOfItem(found, rules);
  if (reason !== null || found.item.kind !== 'experiment') return reason;
  const same = folders.filter(({ id }) => id === found.item.id);
  if (same.length > 1) return `${same.map(({ path }) => path).join(' and ')} have the same id`;
  const [folder] = same;
  if (!folder) return 'it is gone already, by another hand';
  if (!folder.inTrash)
    return `${folder.path}: its meta.yaml says deleted, but it is not in .trash: the deletion was cut off; restore it in MLflow, then delete it once more`;
  return reasonOfContents(store, folder, rules);
}

/** Why it stays by what its own meta.yaml says. */
export function reasonOfItem({ item, deleted, wrong }: Found, rules: Rules): string | null {
  if (wrong !== null) return wrong;
  if (!deleted) return `the ${item.kind} is not deleted`;
  const young = tooYoung(item.deletedAt, rules);
  if (young) return young;
  const as = registeredAs(item, rules);
  return as === undefined ? null : `registered as ${as}; --include-registered collects it all the same`;
}

const registeredAs = ({ kind, id }: Item, { registered }: Rules): string | undefined =>
  kind === 'run' ? registered?.runs.get(id) : kind === 'model' ? registered?.models.get(id) : undefined;

/** Logged models of experiments that are not deleted themselves; with `activeModels: 'go'` they go with them. */
export async function activeModelsIn(store: FileStore, experiments: readonly string[]): Promise<Item[]> {
  const models: Item[] = [];
  for (const folder of await experimentsOf(store))
    if (experiments.includes(folder.id))
      for await (const { item, deleted, wrong } of contentsOf(store, folder, 'model'))
        if (!deleted && wrong === null) models.push(item);
  return models;
}

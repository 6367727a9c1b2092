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
} from './file-store-find.js';

/** How many items a page has. */
const itemsAtOnce = 1000;

/**
 * What `eligible` is for a database: everything of a kind that the rules reach, page by page; what goes, and what stays
 * and why. A file store has no jobs, and no workspaces but `default`.
 */
export async function* eligibleFiles(
  store: FileStore,
  kind: FileKind | 'job',
  rules: Rules,
): AsyncGenerator<Page> {
  const folders = await experimentsOf(store);
  let page: { items: Item[]; kept: Kept[] } = { items: [], kept: [] };
  for await (const { item, reason } of judged(store, kind, rules, folders)) {
    if (reason === null) page.items.push(item);
    else page.kept.push({ item, reason });
    if (page.items.length + page.kept.length < itemsAtOnce) continue;
    yield page;
    page = { items: [], kept: [] };
  }
  if (page.items.length + page.kept.length > 0) yield page;
}

interface Judged {
  readonly item: Item;
  readonly reason: string | null;
}

async function* judged(
  store: FileStore,
  kind: FileKind | 'job',
  rules: Rules,
  folders: readonly ExperimentFolder[],
): AsyncGenerator<Judged> {
  const named = rules.ids[kind];
  const here = rules.workspace === null || rules.workspace === 'default';
  for (const id of new Set(named ?? [])) {
    const found = here && kind !== 'job' ? await locate(store, kind, id, folders) : null;
    if (found) yield { item: found.item, reason: await reasonToStay(store, found, rules, folders) };
    else yield { item: nothing(kind, id), reason: absent(kind, rules, folders) };
  }
  if (!here || kind === 'job') return;
  if (kind === 'experiment') {
    if (!anyNamed(rules)) yield* deletedExperiments(store, rules, folders);
    return;
  }
  const within = rules.ids.experiment ?? (anyNamed(rules) ? [] : null);
  for (const folder of folders) {
    if (within && !within.includes(folder.id)) continue;
    for await (const found of contentsOf(store, folder, kind))
      if (found.deleted || found.wrong !== null)
        yield { item: found.item, reason: await reasonToStay(store, found, rules, folders) };
  }
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
  rules: Rules,
  folders: readonly ExperimentFolder[],
): AsyncGenerator<Judged> {
  for (const folder of folders) {
    const found = await locate(store, 'experiment', folder.id, [folder]);
    if (found && (folder.inTrash || folder.link || found.deleted))
      yield { item: found.item, reason: await reasonToStay(store, found, rules, folders) };
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

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Item, Rules } from './eligible-rules.js';
import { codeOf, type FileStore } from './file-store.js';
import { activeModelsIn, eligibleFiles } from './file-store-eligible.js';
import { foldersNamed, locate } from './file-store-find.js';
import type { ReadPlan } from './plan-file.js';
import { type Chosen, Collection, reasonToGo, type Selected } from './plan-select.js';

/** What was chosen of a file store. */
export interface SelectedFiles extends Selected {
  /** Of what is kept: that into which nobody could look, by its `keyOf`. */
  readonly unreadable: ReadonlySet<string>;
}

export const keyOf = ({ kind, id }: Item): string => `${kind} ${id}`;

/** The order in which they go: experiments after what is in them. */
export const fileKinds = ['run', 'model', 'experiment'] as const;

/** Everything that the rules reach. Only reads. */
export async function selectFiles(
  store: FileStore,
  rules: Rules,
  checkpoint: () => void,
): Promise<SelectedFiles> {
  const chosen = new Collection(true);
  const unreadable = new Set<string>();
  for (const kind of [...fileKinds, 'job'] as const)
    for await (const page of eligibleFiles(store, kind, rules)) {
      checkpoint();
      for (const item of page.items) chosen.add({ ...item, kind, reason: reasonToGo(item, kind, rules) });
      for (const one of page.kept) chosen.keep(one);
      for (const { item } of page.unreadable) unreadable.add(keyOf(item));
      if (kind === 'experiment' && rules.activeModels === 'go')
        for (const model of await along(store, page.items)) chosen.add(model);
    }
  return { items: chosen.items, kept: chosen.kept, unreadable };
}

/** What a plan lists, as far as it still goes and is what the plan saw. */
export async function selectFilesAgain(
  store: FileStore,
  rules: Rules,
  { planned, inside }: Pick<ReadPlan, 'planned' | 'inside'>,
  checkpoint: () => void,
): Promise<SelectedFiles> {
  const chosen = new Collection(true);
  const unreadable = new Set<string>();
  for (const kind of fileKinds) {
    const ids = [...planned[kind].keys()].filter((id) => kind !== 'model' || !inside.has(id));
    if (ids.length === 0) continue;
    for await (const page of eligibleFiles(store, kind, { ...rules, ids: { [kind]: ids } })) {
      checkpoint();
      for (const item of page.items)
        if (planned[kind].get(item.id) === item.deletedAt)
          chosen.add({ ...item, kind, reason: 'the plan lists it' });
        else chosen.keep({ item, reason: 'it was changed since the plan was made' });
      for (const one of page.kept) chosen.keep(one);
      for (const { item } of page.unreadable) unreadable.add(keyOf(item));
      if (kind === 'experiment' && rules.activeModels === 'go')
        for (const model of await along(store, page.items)) if (inside.has(model.id)) chosen.add(model);
    }
  }
  return { items: chosen.items, kept: chosen.kept, unreadable };
}

/** Logged models of experiments that go which are not deleted themselves. */
async function along(store: FileStore, experiments: readonly Item[]): Promise<Chosen[]> {
  if (experiments.length === 0) return [];
  const models = await activeModelsIn(
    store,
    experiments.map(({ id }) => id),
  );
  return models.map((model) => ({
    ...{ ...model, kind: 'model', deletedAt: null, inside: model.experimentId as string },
    reason: `not deleted itself, goes with experiment ${model.experimentId} (--include-active-models)`,
  }));
}

/** With --keep-artifacts what has artifacts in its own directory stays, and the experiments that hold it. */
export async function keepWithArtifacts(store: FileStore, selected: SelectedFiles): Promise<SelectedFiles> {
  const items: Chosen[] = [];
  const kept = [...selected.kept];
  const holding = new Set<string>();
  for (const item of selected.items) {
    const folder = await folderOf(store, item);
    const has = folder !== null && (await holdsArtifacts(folder, item.kind === 'experiment'));
    const holds = item.kind === 'experiment' && holding.has(item.id);
    if (!has && !holds) items.push(item);
    else {
      if (item.experimentId !== null) holding.add(item.experimentId);
      const what = has
        ? 'its artifacts lie in its own directory and would go with it'
        : 'it holds what stays for its artifacts';
      kept.push({ item, reason: `${what} (--keep-artifacts)` });
    }
  }
  return { ...selected, items, kept };
}

/** Those whose artifacts are not in their own directory, wherever they are said to be: a store may have been moved. */
export async function withoutOwn(store: FileStore, items: readonly Chosen[]): Promise<Chosen[]> {
  const without: Chosen[] = [];
  for (const item of items) {
    if (item.artifactUri === null || item.kind === 'experiment') continue;
    const folder = await folderOf(store, item);
    if (folder === null || (await entriesOf(join(folder, 'artifacts'))).length === 0) without.push(item);
  }
  return without;
}

const folderOf = async (store: FileStore, item: Chosen): Promise<string | null> => {
  const folders = await foldersNamed(store, item.experimentId ?? item.id);
  return (await locate(store, item.kind as (typeof fileKinds)[number], item.id, folders))?.path ?? null;
};

async function holdsArtifacts(path: string, experiment: boolean): Promise<boolean> {
  if (!experiment) return (await entriesOf(join(path, 'artifacts'))).length > 0;
  for (const trace of await entriesOf(join(path, 'traces')))
    if ((await entriesOf(join(path, 'traces', trace, 'artifacts'))).length > 0) return true;
  return false;
}

async function entriesOf(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    // What cannot be looked into may hold something.
    return ['ENOENT', 'ENOTDIR'].includes(codeOf(error)) ? [] : [path];
  }
}

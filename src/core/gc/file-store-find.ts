import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Item } from './eligible-rules.js';
import {
  codeOf,
  type FileStore,
  fileStorePath,
  idShape,
  kindOf,
  modelsFolder,
  reserved,
  trash,
} from './file-store.js';
import { readMeta } from './file-store-meta.js';

export type FileKind = 'run' | 'model' | 'experiment';

/** A directory of an experiment. */
export interface ExperimentFolder {
  readonly id: string;
  readonly path: string;
  readonly inTrash: boolean;
  /** A symbolic link is never followed. */
  readonly link: boolean;
}

/** An item in the store. */
export interface Found {
  readonly item: Item & { readonly kind: FileKind };
  readonly path: string;
  readonly deleted: boolean;
  /** Why it cannot be judged. */
  readonly wrong: string | null;
  /** It cannot be, because rights or the disk do not let anybody look. */
  readonly unreadable?: true;
}

/** All experiments, those in `.trash` last; a directory without a meta.yaml too, because MLflow looks for runs there. */
export async function experimentsOf({ root }: FileStore): Promise<ExperimentFolder[]> {
  const active = await foldersIn(root, (name) => !name.endsWith(trash) && name !== modelsFolder);
  const deleted = await foldersIn(join(root, trash), () => true);
  return [
    ...active.map((one) => ({ ...one, inTrash: false })),
    ...deleted.map((one) => ({ ...one, inTrash: true })),
  ];
}

/** The directories an experiment of this id may have: one, or by accident both. */
export async function foldersNamed({ root }: FileStore, id: string): Promise<ExperimentFolder[]> {
  const found: ExperimentFolder[] = [];
  if (!idShape.test(id) || id === modelsFolder) return found;
  for (const inTrash of [false, true]) {
    const path = join(root, ...(inTrash ? [trash] : []), id);
    const what = await kindOf(path);
    if (what === 'directory' || what === 'link') found.push({ id, path, inTrash, link: what === 'link' });
  }
  return found;
}

async function foldersIn(path: string, wanted: (name: string) => boolean) {
  if ((await kindOf(path)) !== 'directory') return [];
  const entries = await readdir(path, { withFileTypes: true });
  return entries
    .filter((entry) => (entry.isDirectory() || entry.isSymbolicLink()) && wanted(entry.name))
    .map((entry) => ({ id: entry.name, path: join(path, entry.name), link: entry.isSymbolicLink() }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** A run id as MLflow makes it: a directory with such a name is a run, whatever is in it. */
const runShape = /^[0-9a-f]{32}$/;
const modelShape = /^m-[0-9a-f]{32}$/;

/**
 * The runs or logged models of an experiment. A directory without meta.yaml is one only if it is named so: MLflow takes
 * the others for artifacts (`_list_run_infos`).
 */
export async function* contentsOf(
  store: FileStore,
  experiment: ExperimentFolder,
  kind: 'run' | 'model',
): AsyncGenerator<Found> {
  if (experiment.link) return;
  const parent = kind === 'run' ? experiment.path : join(experiment.path, modelsFolder);
  const folders = await foldersIn(parent, (name) => !reserved.includes(name)).catch(codeOf);
  if (typeof folders === 'string') {
    yield { ...unseen('experiment', experiment.id, experiment.id), ...blind(parent, folders) };
    return;
  }
  for (const { id, path, link } of folders) {
    const found = await readItem(store, kind, id, experiment.id, path);
    const shaped = (kind === 'run' ? runShape : modelShape).test(id);
    if (link ? shaped : found && (!found.missing || shaped)) yield found as Found;
  }
}

/** The names of an experiment's directories that may be runs or logged models. */
export const namesIn = async (experiment: ExperimentFolder, kind: 'run' | 'model'): Promise<string[]> =>
  experiment.link
    ? []
    : (
        await foldersIn(
          kind === 'run' ? experiment.path : join(experiment.path, modelsFolder),
          (name) => !reserved.includes(name),
        )
      ).map(({ id }) => id);

/** Looks for one item by its id. */
export async function locate(
  store: FileStore,
  kind: FileKind,
  id: string,
  folders: readonly ExperimentFolder[],
): Promise<Found | null> {
  if (!idShape.test(id)) return null;
  let blocked: Found | null = null;
  for (const folder of folders) {
    if (kind === 'experiment' ? folder.id !== id : folder.link || reserved.includes(id)) continue;
    const path =
      kind === 'experiment'
        ? folder.path
        : kind === 'run'
          ? join(folder.path, id)
          : join(folder.path, modelsFolder, id);
    const what = await kindOf(path).catch(codeOf);
    if (what === 'directory' || what === 'link') return readItem(store, kind, id, folder.id, path);
    if (what !== null && what !== 'other')
      blocked = { ...unseen(kind, id, folder.id), ...blind(folder.path, what) };
  }
  return blocked;
}

const unseen = (kind: FileKind, id: string, experimentId: string) => ({
  item: { kind, id, name: null, experimentId, deletedAt: null, artifactUri: null },
  deleted: false,
});

const blind = (path: string, code: string) =>
  ({ path, wrong: `${path}: it cannot be read (${code})`, unreadable: true }) as const;

const keys = {
  run: { id: 'run_id', time: 'deleted_time', uri: 'artifact_uri', name: 'run_name' },
  model: { id: 'model_id', time: 'last_updated_timestamp', uri: 'artifact_location', name: 'name' },
  experiment: { id: 'experiment_id', time: 'last_update_time', uri: 'artifact_location', name: 'name' },
} as const;

/**
 * Reads what a directory holds.
 *
 * @param path where it is now; on its way out that is another place than its id and experiment say
 */
export async function readItem(
  store: FileStore,
  kind: FileKind,
  id: string,
  experimentId: string,
  path: string,
): Promise<Found & { readonly missing: boolean }> {
  const refuse = (why: string, missing = false) => ({
    ...unseen(kind, id, experimentId),
    ...{ path, wrong: `${path}: ${why}`, missing },
  });
  if (!idShape.test(id)) return refuse('MLflow takes no such id');
  const what = await kindOf(path).catch(codeOf);
  if (what === 'link') return refuse('it is a symbolic link');
  if (what === null || what === 'other') return refuse('it is no directory');
  if (what !== 'directory')
    return { ...unseen(kind, id, experimentId), ...blind(path, what), missing: false };
  const meta = await readMeta(path);
  if ('wrong' in meta)
    return { ...refuse(meta.wrong, meta.missing), ...(meta.unreadable ? { unreadable: true } : {}) };
  const field = (name: string): string | null => meta.fields.get(name) || null;
  const { id: idKey, time, uri, name } = keys[kind];
  // MLflow before 1.0 wrote run_uuid alone.
  const own = field(idKey) ?? (kind === 'run' ? field('run_uuid') : null);
  if (own !== id) return refuse(`its meta.yaml names ${kind} ${own ?? 'nothing'}`);
  if (field('experiment_id') !== experimentId)
    return refuse(
      `its meta.yaml names experiment ${field('experiment_id') ?? 'nothing'}, and it lies in ${experimentId}`,
    );
  const stage = field('lifecycle_stage') ?? 'active';
  if (stage !== 'active' && stage !== 'deleted')
    return refuse('its meta.yaml has an unknown lifecycle_stage');
  const moment = field(time);
  if (moment !== null && !/^\d{1,15}$/.test(moment)) return refuse(`its meta.yaml has no time as ${time}`);
  const place = field(uri);
  return {
    item: {
      ...{ kind, id, name: field(name), experimentId },
      deletedAt: moment === null ? null : Number(moment),
      artifactUri: place === null || isOwn(store, kind, id, experimentId, place) ? null : place,
    },
    ...{ path, deleted: stage === 'deleted', wrong: null, missing: false },
  };
}

/**
 * Whether a location lies in the item's own directory, and so goes with it. MLflow writes it when the item is made and
 * does not change it when the experiment moves to `.trash`.
 */
function isOwn(store: FileStore, kind: FileKind, id: string, experiment: string, uri: string): boolean {
  let path: string | null;
  try {
    path = fileStorePath(uri, store.cwd);
  } catch {
    return false;
  }
  if (path === null) return false;
  const below = { run: [experiment, id], model: [experiment, modelsFolder, id], experiment: [experiment] }[
    kind
  ];
  return [store.root, resolve(store.named)].some((root) =>
    [[], [trash]].some((above) => `${path}/`.startsWith(`${join(root, ...above, ...below)}/`)),
  );
}

import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { shown } from '../../artifacts/failure.js';
import type { Artifacts } from './artifacts.js';
import { keysAtOnce } from './delete-rows-walk.js';
import { idShapes } from './orphan-artifacts-ids.js';
import type { ArtifactRoot, Candidate, OrphanKind } from './orphan-artifacts-types.js';

/** A place could not be listed. */
export class ListingFailed extends Error {}

/** Where the folders of models and traces are (sqlalchemy_store.py: MODELS_FOLDER_NAME, TRACE_FOLDER_NAME). */
const folders: Readonly<Partial<Record<string, OrphanKind>>> = { models: 'model', traces: 'trace' };

/**
 * The folders below an experiment's location that are called as MLflow calls those of items, in pages. Symbolic links
 * are none.
 *
 * @throws ListingFailed
 */
export async function* candidatesIn(root: ArtifactRoot, artifacts: Artifacts): AsyncGenerator<Candidate[]> {
  const inside: OrphanKind[] = [];
  let page: Candidate[] = [];
  for await (const name of namesIn(root.uri, artifacts)) {
    const folder = Object.hasOwn(folders, name) ? folders[name] : undefined;
    if (folder) inside.push(folder);
    if (idShapes.run.test(name)) page.push(candidate('run', root, root.uri, name));
    if (page.length < keysAtOnce) continue;
    yield page;
    page = [];
  }
  for (const [folder, kind] of Object.entries(folders)) {
    if (!kind || !inside.includes(kind)) continue;
    const parent = below(root.uri, folder);
    for await (const name of namesIn(parent, artifacts)) {
      if (idShapes[kind].test(name)) page.push(candidate(kind, root, parent, name));
      if (page.length < keysAtOnce) continue;
      yield page;
      page = [];
    }
  }
  if (page.length > 0) yield page;
}

/**
 * The directory that should hold an experiment's, where this machine lacks both: mltrack runs elsewhere than the server,
 * or a file system is not mounted. Also where nothing was ever written: MLflow makes it with the first file.
 */
export function missingHome({ uri }: ArtifactRoot, artifacts: Artifacts): string | null {
  const place = artifacts.placeOf(uri);
  const path = place?.startsWith('file:///') ? place.slice('file://'.length) : null;
  return path === null || existsSync(path) || existsSync(dirname(path)) ? null : dirname(path);
}

async function* namesIn(uri: string, artifacts: Artifacts): AsyncGenerator<string> {
  try {
    for await (const { name, directory } of artifacts.children(uri)) if (directory) yield name;
  } catch (error) {
    throw new ListingFailed(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** As MLflow joins a location and an id (mlflow/utils/uri.py: append_to_uri_path). */
const below = (uri: string, name: string): string => `${uri.replace(/\/+$/, '')}/${name}`;

function candidate(kind: OrphanKind, root: ArtifactRoot, parent: string, id: string): Candidate {
  const uri = below(parent, id);
  return { kind, id, experimentId: root.experimentId, root: root.uri, uri, place: shown(uri) };
}

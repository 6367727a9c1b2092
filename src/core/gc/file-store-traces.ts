import { opendir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Place } from './artifacts.js';
import { codeOf, type FileStore, fileStorePath, kindOf } from './file-store.js';
import { foldersNamed } from './file-store-find.js';

const placesAtOnce = 200;
/** A tag is a file with the value in it. */
const tag = join('tags', 'mlflow.artifactLocation');

/**
 * The artifacts of an experiment's traces that lie outside the store, in pages; what lies inside goes with the
 * experiment's directory. `mlflow gc` leaves those outside.
 */
export async function* filedTracePlaces(store: FileStore, experiment: string): AsyncGenerator<Place[]> {
  for (const { path, link } of await foldersNamed(store, experiment))
    if (!link) yield* tracePlacesIn(store, path);
}

/** The same for an experiment's directory, wherever it is. */
export async function* tracePlacesIn(store: FileStore, path: string): AsyncGenerator<Place[]> {
  let places: Place[] = [];
  const traces = join(path, 'traces');
  if ((await kindOf(traces)) === 'directory')
    for await (const trace of await opendir(traces)) {
      const uri = trace.isDirectory() ? await locationOf(join(traces, trace.name)) : null;
      if (uri === null || isInside(store, uri)) continue;
      places.push({ owner: trace.name, uri });
      if (places.length < placesAtOnce) continue;
      yield places;
      places = [];
    }
  if (places.length > 0) yield places;
}

async function locationOf(trace: string): Promise<string | null> {
  const file = join(trace, tag);
  try {
    return (await kindOf(file)) === 'other' ? (await readFile(file, 'utf8')).trim() || null : null;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

function isInside({ root, named, cwd }: FileStore, uri: string): boolean {
  try {
    const path = fileStorePath(uri, cwd);
    return path !== null && [root, named].some((top) => `${path}/`.startsWith(`${top}/`));
  } catch {
    return false;
  }
}

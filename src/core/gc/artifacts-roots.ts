import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { ArtifactError, shown } from '../../artifacts/failure.js';
import { localPath, parseLocation } from '../../artifacts/location.js';
import { blockedError } from '../../errors.js';
import { chunks } from './eligible-registered.js';
import type { KnownAt } from './plan-known.js';
import type { Chosen } from './plan-select.js';

/** A directory that this machine does not have, and how many items' artifacts should be in it. */
export interface MissingRoot {
  readonly root: string;
  readonly items: number;
  /** It is an artifacts destination that can be reached and holds nothing at all, so probably not the right one. */
  readonly empty?: true;
}

export interface Places {
  readonly cwd: string;
  readonly artifactsDestination?: string | undefined;
  /** Whether anything lies directly below a location; true where that cannot be told. */
  readonly holdsAnything: (uri: string) => Promise<boolean>;
}

/**
 * Directories in which the artifacts of what goes should be, and which are not here: mltrack then runs elsewhere than
 * the server, or a file system is not mounted; it would find nothing to remove, and the files would outlive their rows
 * unseen. MLflow makes the directory that holds those of the experiments when it starts (sqlalchemy_store.py,
 * `__init__`). A destination is what somebody typed: one without anything in it is taken for a slip.
 */
export async function missingRoots(
  known: KnownAt,
  items: readonly Chosen[],
  places: Places,
): Promise<MissingRoot[]> {
  return missingAmong(items, await withTraces(known, items), places);
}

/** @param traced experiments that have traces */
export async function missingAmong(
  items: readonly Chosen[],
  traced: ReadonlySet<string>,
  places: Places,
): Promise<MissingRoot[]> {
  const homes = new Map<string, number>();
  for (const item of items) {
    const home = item.kind === 'experiment' && !traced.has(item.id) ? null : homeOf(item, places);
    if (home !== null) homes.set(home, (homes.get(home) ?? 0) + 1);
  }
  const missing = new Map<string, number>();
  for (const [home, n] of homes) {
    if (existsSync(home) || existsSync(dirname(home))) continue;
    const root = dirname(home);
    missing.set(root, (missing.get(root) ?? 0) + n);
  }
  const found: MissingRoot[] = [...missing].map(([root, n]) => ({ root, items: n }));
  const { artifactsDestination } = places;
  const served = artifactsDestination ? items.filter(({ artifactUri }) => isServed(artifactUri)).length : 0;
  // A local one that is not here is among them already.
  if (!artifactsDestination || served === 0 || [...homes.keys()].some((home) => missing.has(dirname(home))))
    return found;
  if (await places.holdsAnything(artifactsDestination)) return found;
  return [...found, { root: shown(artifactsDestination), items: served, empty: true }];
}

const isServed = (uri: string | null): boolean => /^(mlflow-artifacts|https?):/i.test(uri ?? '');

/** What is said about them, with `--dry-run` as a warning. */
export const missingRootWords = ({ root, items, empty }: MissingRoot): string =>
  `${empty ? `nothing at all lies below ${root}` : `${root} is not on this machine`}, and the artifacts of ${items} item${items === 1 ? '' : 's'} should be there`;

/** @throws exit 10; nothing was deleted */
export function refuseMissing(missing: readonly MissingRoot[]): void {
  const [first] = missing;
  if (!first) return;
  const more = missing.length > 1 ? ` (and ${missing.length - 1} more such directories)` : '';
  throw blockedError(
    `${missingRootWords(first)}${more}; nothing was deleted`,
    first.empty
      ? 'give --artifacts-destination as the server has it'
      : 'run it where the files are, from the directory the server runs in, with all file systems mounted',
    '--keep-artifacts deletes the rows alone; --missing-roots-gone says that the files are gone for good',
  );
}

/** Which of the experiments have traces: without one there is nothing below its location that goes with it. */
async function withTraces({ session, schema }: KnownAt, items: readonly Chosen[]): Promise<Set<string>> {
  const found = new Set<string>();
  const ids = items.filter(({ kind }) => kind === 'experiment').map(({ id }) => Number(id));
  if (ids.length === 0 || !schema.has('trace_info')) return found;
  const { oneOf } = await session.dialect.gc();
  for (const some of chunks(ids)) {
    const among = oneOf('experiment_id', 'integer', some);
    const rows = await session.query<{ id: number }>(
      `SELECT DISTINCT experiment_id AS id FROM trace_info WHERE ${among.sql}`,
      among.params,
    );
    for (const { id } of rows) found.add(String(id));
  }
  return found;
}

/**
 * The directory of the item's experiment; behind a server, one below its destination. null for what is not in this
 * machine's file system, or is no place at all: the store says so when it comes there.
 */
function homeOf({ kind, id, artifactUri }: Chosen, { cwd, artifactsDestination }: Places): string | null {
  if (!artifactUri || kind === 'job') return null;
  try {
    const location = parseLocation(artifactUri);
    if (/^(mlflow-artifacts|https?)$/.test(location.scheme)) {
      const destination = artifactsDestination ? parseLocation(artifactsDestination) : null;
      return destination && isLocal(destination.scheme) ? `${localPath(destination, cwd)}/0` : null;
    }
    if (!isLocal(location.scheme)) return null;
    const path = localPath(location, cwd);
    if (kind === 'experiment') return path;
    const parts = path.split('/');
    const at = parts.lastIndexOf(id);
    if (at < 2) return null;
    // Logged models are in a directory of their own (mlflow/store/tracking/__init__.py: MODELS_FOLDER_NAME).
    const home = parts.slice(0, kind === 'model' && parts[at - 1] === 'models' ? at - 1 : at);
    return home.join('/') || null;
  } catch (error) {
    if (error instanceof ArtifactError) return null;
    throw error;
  }
}

const isLocal = (scheme: string): boolean => scheme === '' || scheme === 'file';

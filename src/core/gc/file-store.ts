import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { blockedError, unreachableError, usageError } from '../../errors.js';
import { readMeta } from './file-store-meta.js';

/** MLflow's store in a directory, `./mlruns` (mlflow/store/tracking/file_store.py). */
export interface FileStore {
  /** The directory, without links. */
  readonly root: string;
  /** The directory as it was named; locations in it may be written so. */
  readonly named: string;
  readonly cwd: string;
}

/** Where MLflow moves deleted experiments. */
export const trash = '.trash';
/** Below the root: the model registry. Below an experiment: its logged models. */
export const modelsFolder = 'models';
/** Directories of an experiment that are no runs (RESERVED_EXPERIMENT_FOLDERS). */
export const reserved: readonly string[] = ['tags', 'datasets', 'traces', modelsFolder];
/**
 * Where items lie on their way out. MLflow takes every directory of the root for an experiment but those whose name
 * ends with `.trash` (`_get_active_experiments`), so that nothing in here is there for it.
 */
export const staging = '.mltrack-gc.trash';

/** What MLflow takes as the id of a run, and of an experiment (mlflow/utils/validation.py); no path fits. */
export const idShape = /^[a-zA-Z0-9][\w-]{0,255}$/;

/**
 * The path that a URI names as MLflow reads it: a plain path or `file:`, both percent-decoded (`local_file_uri_to_path`
 * in mlflow/utils/file_utils.py); null: it is something else, a database or a server.
 *
 * @throws exit 2 for a `file:` URI of another machine, or with `?` or `#`
 */
export function fileStorePath(uri: string, cwd: string): string | null {
  const match = /^([a-z][a-z0-9+.-]*):(?:\/\/([^/?#]*))?(.*)$/is.exec(uri);
  if (!match) return uri === '' ? null : resolve(cwd, decoded(uri));
  const [, scheme = '', host = '', path = ''] = match;
  if (scheme.toLowerCase() !== 'file') return null;
  if (!['', 'localhost', '127.0.0.1'].includes(host.toLowerCase()))
    throw usageError(
      `${uri} names the machine ${host}, not this one`,
      'write file:///path, or the path alone',
    );
  if (path === '' || /[?#]/.test(path))
    throw usageError(`${uri} names no directory`, 'write ? as %3F and # as %23');
  return resolve(cwd, decoded(path));
}

/** What is no valid escape stays as it is, as with Python's `unquote`. */
const decoded = (text: string): string =>
  text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'));

/**
 * Opens a file store. Only reads.
 *
 * @throws exit 9 where there is nothing, 10 where it is no directory of MLflow's
 */
export async function openFileStore(path: string, cwd: string): Promise<FileStore> {
  const found = await stat(path).catch((error: unknown) => {
    throw unreachableError(`${path} cannot be opened: ${codeOf(error)}`, error, 'check the path');
  });
  if (!found.isDirectory())
    throw blockedError(`${path} is no directory, so no file store`, 'a SQLite file is sqlite:///path');
  const store = { root: await realpath(path), named: path, cwd };
  const ours = await looksLikeMlflow(store.root).catch((error: unknown) => {
    throw unreachableError(`${path} cannot be read: ${codeOf(error)}`, error, 'check its owner and mode');
  });
  if (!ours)
    throw blockedError(
      `${path} holds no experiment of MLflow's`,
      'check the path: it is the one that holds 0/meta.yaml',
    );
  return store;
}

/** MLflow makes `.trash` whenever it opens a store; one that was copied without it has experiments. */
async function looksLikeMlflow(root: string): Promise<boolean> {
  for (const entry of await readdir(root, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    if (entry.name === trash && (await readdir(root)).some((name) => name === '0' || name === modelsFolder))
      return true;
    const meta = await readMeta(join(root, entry.name));
    if ('fields' in meta && meta.fields.has('experiment_id') && meta.fields.has('lifecycle_stage'))
      return true;
  }
  return false;
}

/** The code of a system error, or its message. */
export const codeOf = (error: unknown): string =>
  (error as NodeJS.ErrnoException).code ?? (error instanceof Error ? error.message : String(error));

/** What a path is; null: it is not there. Never follows a link. */
export async function kindOf(path: string): Promise<'directory' | 'link' | 'other' | null> {
  try {
    const found = await lstat(path);
    return found.isDirectory() ? 'directory' : found.isSymbolicLink() ? 'link' : 'other';
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return null;
    throw error;
  }
}

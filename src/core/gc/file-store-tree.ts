import { access, constants, lstat, opendir, rmdir, unlink } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { codeOf } from './file-store.js';

/** What lies in a directory. A link is a file of no size. */
export interface Size {
  readonly files: number;
  readonly bytes: number;
}

export interface Sizing {
  readonly signal?: AbortSignal | undefined;
  /** Directories that are not looked into. */
  readonly except?: ReadonlySet<string>;
  /** It shall be removed: whatever would not let itself be is an error. */
  readonly removing?: true;
}

/**
 * Counts what lies in a directory.
 *
 * @throws where another file system is mounted below: it is nobody's run
 */
export async function sizeOf(path: string, { signal, except, removing }: Sizing = {}): Promise<Size> {
  const size = { files: 0, bytes: 0 };
  const { dev } = await lstat(path);
  const walk = async (directory: string): Promise<void> => {
    if (removing) await access(directory, constants.R_OK | constants.W_OK | constants.X_OK);
    for await (const entry of await opendir(directory)) {
      signal?.throwIfAborted();
      const below = join(directory, entry.name);
      const found = await lstat(below);
      if (found.dev !== dev) throw new Error(`${below} is another file system; unmount it first`);
      if (found.isDirectory()) {
        if (!except?.has(below)) await walk(below);
      } else {
        size.files++;
        size.bytes += found.isSymbolicLink() ? 0 : found.size;
      }
    }
  };
  await walk(path);
  return size;
}

/**
 * Removes a directory with all that is in it. Links are unlinked, never followed; what is gone already, also by another
 * process that removes the same, is no error.
 */
export async function removeTree(path: string): Promise<void> {
  const top = await lstat(path).catch(unlessGone);
  if (!top) return;
  const empty = async (directory: string): Promise<void> => {
    for await (const entry of await opendir(directory)) {
      const below = join(directory, entry.name);
      if (!entry.isDirectory()) {
        await unlink(below).catch(unlessGone);
        continue;
      }
      const found = await lstat(below).catch(unlessGone);
      if (found && found.dev !== top.dev)
        throw new Error(`${below} is another file system; unmount it first`);
      if (found) await remove(below);
    }
  };
  const remove = async (directory: string): Promise<void> => {
    // A file system may skip entries of a directory that is being emptied.
    for (let round = 1; ; round++)
      try {
        await empty(directory);
        return await rmdir(directory);
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return;
        if (!['ENOTEMPTY', 'EEXIST'].includes(codeOf(error)) || round === 5) throw error;
      }
  };
  await remove(path);
}

const unlessGone = (error: unknown): void => {
  if (codeOf(error) !== 'ENOENT') throw error;
};

/**
 * Checks that the way from the root to a path is made of directories of the root's file system.
 *
 * @returns why not, or null
 */
export async function unsafeWay(root: string, path: string): Promise<string | null> {
  const way = relative(root, path).split(sep);
  if (way.includes('..') || way[0] === '') return `${path} is not below ${root}`;
  const { dev } = await lstat(root);
  let now = root;
  for (const part of way) {
    now = join(now, part);
    const found = await lstat(now);
    if (found.isSymbolicLink()) return `${now} is a symbolic link`;
    if (!found.isDirectory()) return `${now} is no directory`;
    if (found.dev !== dev) return `${now} is another file system than ${root}`;
  }
  return null;
}

/** @throws where the entry may not be taken out of the directory that holds it */
export const canLeave = (path: string): Promise<void> =>
  access(dirname(path), constants.W_OK | constants.X_OK);

import type { Dir, Dirent, Stats } from 'node:fs';
import { lstat, opendir, rmdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type Context, failureOf, type OpenStore } from './context.js';
import { refused } from './failure.js';
import { unsafePath } from './guard.js';
import { Batches } from './limit.js';
import { localItem } from './local-guard.js';
import { localPath, parseLocation } from './location.js';
import { measured } from './measured.js';
import type {
  ArtifactFile,
  ArtifactStore,
  Child,
  Measure,
  ReadOptions,
  Removed,
  RemoveOptions,
} from './store.js';

/** Plain paths and `file:` URIs. */
export const open: OpenStore = async (_, context) => new LocalStore(context);

/** How many entries of a directory are in hand at once, and how many files one `onRemoved` tells of at most. */
const batchSize = 256;

/**
 * Directories of this machine. A symbolic link is a file of no size: it is unlinked, never followed. Another file
 * system mounted below is refused. The directory itself goes too, as with `shutil.rmtree` in MLflow's
 * `LocalArtifactRepository.delete_artifacts`, what is above it stays.
 */
class LocalStore implements ArtifactStore {
  constructor(private readonly context: Context) {}

  measure(uri: string, options: ReadOptions = {}): Promise<Measure> {
    return measured(this.list(uri, options));
  }

  async *list(uri: string, options: ReadOptions = {}): AsyncIterable<ArtifactFile> {
    const root = this.readable(uri);
    try {
      const found = await ifThere(lstat(root));
      if (found && !found.isDirectory()) yield fileOf('', found);
      else if (found) yield* walk(root, '', options.signal);
    } catch (error) {
      throw this.failure(error, 'list', uri, options.signal);
    }
  }

  async *children(uri: string, options: ReadOptions = {}): AsyncIterable<Child> {
    try {
      const directory = await ifThere(opendir(this.readable(uri)));
      if (!directory) return;
      for await (const entry of directory) {
        options.signal?.throwIfAborted();
        yield { name: entry.name, directory: entry.isDirectory() };
      }
    } catch (error) {
      throw this.failure(error, 'list', uri, options.signal);
    }
  }

  async remove(uri: string, options: RemoveOptions = {}): Promise<Removed> {
    try {
      const item = await localItem(parseLocation(uri), this.context, options.owner);
      const total = { files: 0, bytes: 0 };
      if (!item) return total;
      const removal: Removal = {
        uri,
        device: item.device,
        options,
        total,
        batches: new Batches(this.context.limit),
      };
      if (item.directory) await emptyOut(item.path, removal);
      else await removeFiles([item.path], removal);
      return total;
    } catch (error) {
      throw this.failure(error, 'remove', uri, options.signal);
    }
  }

  async close(): Promise<void> {}

  private readable(uri: string): string {
    const location = parseLocation(uri);
    const why = unsafePath(location.path);
    if (why) throw refused(uri, why);
    return localPath(location, this.context.cwd);
  }

  private failure(error: unknown, doing: string, uri: string, signal?: AbortSignal): unknown {
    if (signal?.aborted && error === signal.reason) return error;
    return failureOf(error, doing, uri, this.context, 'the directory');
  }
}

interface Removal {
  readonly uri: string;
  readonly device: number;
  readonly options: RemoveOptions;
  readonly total: { files: number; bytes: number };
  readonly batches: Batches;
}

/** Files while their directory is read, then its directories, then itself; again if somebody wrote in meanwhile. */
async function emptyOut(path: string, removal: Removal): Promise<void> {
  for (let round = 1; ; round++) {
    const directory = await ifThere(opendir(path, { bufferSize: batchSize }));
    if (!directory) return;
    // Another collection may take the directory away while it is read.
    await ifThere(emptyOnce(path, directory, removal));
    removal.options.signal?.throwIfAborted();
    try {
      return await rmdir(path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return;
      // A server still writes here, or the file system skipped entries that were there when the reading began.
      if ((code !== 'ENOTEMPTY' && code !== 'EEXIST') || round === 5) throw error;
    }
  }
}

async function emptyOnce(path: string, directory: Dir, removal: Removal): Promise<void> {
  const { batches, options } = removal;
  let files: string[] = [];
  const flush = async (): Promise<void> => {
    const batch = files;
    files = [];
    if (batch.length > 0) await batches.add(() => removeFiles(batch, removal));
  };
  try {
    for await (const entry of directory) {
      if (options.signal?.aborted || batches.failed) break;
      const below = join(path, entry.name);
      if (await isDirectory(entry, below)) {
        const found = await ifThere(lstat(below));
        if (found?.isDirectory() && found.dev !== removal.device)
          throw refused(removal.uri, `${below} is another file system`, 'unmount it first');
        await emptyOut(below, removal);
      } else if (files.push(below) >= batchSize / 4) await flush();
    }
    await flush();
  } finally {
    await batches.settle();
  }
}

async function removeFiles(paths: readonly string[], { options, total }: Removal): Promise<void> {
  let [files, bytes] = [0, 0];
  try {
    for (const path of paths) {
      const found = await ifThere(lstat(path));
      if (!found) continue;
      await ifThere(unlink(path));
      files++;
      bytes += fileOf('', found).bytes;
    }
  } finally {
    total.files += files;
    total.bytes += bytes;
    if (files > 0) options.onRemoved?.({ files, bytes });
  }
}

async function* walk(path: string, below: string, signal?: AbortSignal): AsyncIterable<ArtifactFile> {
  const directory = await ifThere(opendir(join(path, below), { bufferSize: batchSize }));
  if (!directory) return;
  for await (const entry of directory) {
    signal?.throwIfAborted();
    const name = below === '' ? entry.name : `${below}/${entry.name}`;
    if (await isDirectory(entry, join(path, name))) yield* walk(path, name, signal);
    else {
      const found = await ifThere(lstat(join(path, name)));
      if (found) yield fileOf(name, found);
    }
  }
}

const fileOf = (path: string, found: Stats): ArtifactFile => ({
  path,
  bytes: found.isSymbolicLink() ? 0 : found.size,
  // MLflow logs a file with the time of its source (local_artifact_repo.py: `shutil.copystat`); the change time is when
  // it came here.
  modified: new Date(Math.max(found.ctimeMs, found.mtimeMs)),
});

/** Some file systems do not tell the kind with the name. */
async function isDirectory(entry: Dirent, path: string): Promise<boolean> {
  if (entry.isDirectory()) return true;
  if (entry.isFile() || entry.isSymbolicLink()) return false;
  return (await ifThere(lstat(path)))?.isDirectory() ?? false;
}

/** What is gone is no error. */
async function ifThere<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}

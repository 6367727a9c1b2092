import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { blockedError, lockedError } from '../../errors.js';

/**
 * How a file is read so that nothing of it changes: no byte, no time, no file beside it.
 *
 * | the file | how |
 * |---|---|
 * | with a rollback journal's mode | `mode=ro`: a shared lock for the length of a statement |
 * | in WAL mode, with its -wal and -shm | `readonly_shm=1`: the index of the WAL is read, never written; where no process keeps it up to date SQLite makes its own in memory |
 * | in WAL mode, nothing in a -wal | `immutable=1`, which makes no -shm; no lock keeps a writer out, so each answer counts only if the file is the same after it, else the file is opened again |
 * | in WAL mode, a -wal without its -shm (a copy) | a private copy of both |
 * | with a hot journal | a private copy of both, in which SQLite rolls back: what is read is what the next MLflow will find |
 *
 * A copy stands in the temporary directory, for its owner only, until the session is closed. It is made up to
 * `mostCopied` bytes and where there is room; above that the file is refused with exit 10.
 * For root SQLite gives a -wal, -shm or -journal to the owner of the database file (os_unix.c, robustFchown), who has
 * it already.
 * Sources: https://www.sqlite.org/uri.html, https://www.sqlite.org/wal.html#read_only_databases,
 * https://www.sqlite.org/tempfiles.html, and os_unix.c for `readonly_shm`, which Windows does not know.
 */
export interface Way {
  /** A path, or a URI for OPEN_URI. */
  readonly filename: string;
  /** A journal of a transaction that was never finished stands beside the file. */
  readonly hotJournal: boolean;
  /** Whether the file has changed since, so that what was read from it counts for nothing. */
  readonly isStale?: () => boolean;
  /** Removes the copy. */
  readonly forget?: () => void;
}

/** 2 GiB: seconds on any disk. */
const mostCopied = 2 ** 31;

const uriOf = (path: string, query: string): string => `${pathToFileURL(path).href}?${query}`;

/** Bytes of a file; -1 where there is none. */
export const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? -1;

function bytesOf(path: string, count: number): Buffer {
  const buffer = Buffer.alloc(count);
  const file = openSync(path, 'r');
  try {
    return buffer.subarray(0, readSync(file, buffer, 0, count, 0));
  } finally {
    closeSync(file);
  }
}

/** Byte 19, "file format read version": 2 is WAL (https://www.sqlite.org/fileformat2.html#the_database_header). */
const isWal = (path: string): boolean => bytesOf(path, 20)[19] === 2;

/**
 * Whether SQLite would roll the journal back: it is there and its first byte is not zero. Whether somebody is still
 * writing it only SQLite can tell, by its lock (https://www.sqlite.org/fileformat2.html#the_rollback_journal).
 */
const hasJournal = (path: string): boolean =>
  sizeOf(`${path}-journal`) > 0 && bytesOf(`${path}-journal`, 1)[0] !== 0;

/** How to open a file that is there. */
export function wayOf(path: string): Way {
  if (!isWal(path)) return { filename: uriOf(path, 'mode=ro'), hotJournal: false };
  const wal = sizeOf(`${path}-wal`);
  // SQLite makes a -wal that it misses, also where it may only read.
  if (wal < 0 || (wal === 0 && !existsSync(`${path}-shm`))) return still(path);
  if (existsSync(`${path}-shm`) && process.platform !== 'win32')
    return { filename: uriOf(path, 'mode=ro&readonly_shm=1'), hotJournal: false };
  return copyOf(path);
}

/** Where SQLite may not read the file as it is: a hot journal to roll back, a -shm that this user may not open. */
export const otherWayOf = (path: string): Way => copyOf(path);

function still(path: string): Way {
  const before = printOf(path);
  return {
    filename: uriOf(path, 'mode=ro&immutable=1'),
    hotJournal: false,
    isStale: () => printOf(path) !== before,
  };
}

/** What any write to the database changes. */
function printOf(path: string): string {
  return ['', '-wal', '-journal']
    .map((suffix) => {
      const found = statSync(path + suffix, { throwIfNoEntry: false, bigint: true });
      return found ? `${found.ino} ${found.size} ${found.mtimeNs}` : '';
    })
    .join('|');
}

function copyOf(path: string): Way {
  const suffixes = ['', '-wal', '-journal'].filter((suffix) => existsSync(path + suffix));
  const bytes = suffixes.reduce((sum, suffix) => sum + Math.max(sizeOf(path + suffix), 0), 0);
  const hotJournal = hasJournal(path);
  refuseTooBig(path, bytes, hotJournal);
  const folder = mkdtempSync(join(tmpdir(), 'mltrack-read-'));
  const forget = () => rmSync(folder, { recursive: true, force: true });
  // Also where the process is stopped in the middle.
  process.once('exit', forget);
  const target = join(folder, basename(path));
  try {
    for (let attempt = 1; ; attempt++) {
      const before = printOf(path);
      for (const suffix of suffixes) {
        copyFileSync(path + suffix, target + suffix, constants.COPYFILE_FICLONE);
        chmodSync(target + suffix, 0o600);
      }
      if (printOf(path) === before) break;
      if (attempt === 3)
        throw lockedError(`${path} changes while it is copied`, 'run the same command again in a moment');
    }
  } catch (error) {
    forget();
    throw error;
  }
  return {
    filename: target,
    hotJournal,
    forget: () => {
      process.off('exit', forget);
      forget();
    },
  };
}

function refuseTooBig(path: string, bytes: number, hotJournal: boolean): void {
  const { bavail, bsize } = statfsSync(tmpdir());
  // The rollback may let the copy grow by as much as its journal holds.
  const isRoom = bytes <= mostCopied && bytes * 1.1 < bavail * bsize;
  if (isRoom) return;
  const why = hotJournal
    ? `a transaction was never finished: ${path}-journal waits to be rolled back`
    : `${path}-wal stands beside it without its -shm`;
  throw blockedError(
    `${path} cannot be read without changing it: ${why}, and at ${(bytes / 2 ** 30).toFixed(1)} GiB it is too big for a private copy in ${tmpdir()}`,
    hotJournal
      ? 'back both files up, then let SQLite roll it back: sqlite3 FILE "PRAGMA schema_version"'
      : 'let SQLite put them together: sqlite3 FILE "PRAGMA wal_checkpoint"',
    'or set TMPDIR to where there is room (up to 2 GiB are copied)',
  );
}

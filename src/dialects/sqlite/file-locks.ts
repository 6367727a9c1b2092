import { readFile, stat } from 'node:fs/promises';

/** SQLite's locks are on bytes of the file: RESERVED is a writer's, PENDING that of one who waits for readers (src/os.h). */
const pendingByte = 0x40000000;
const reservedByte = pendingByte + 1;

/** Of the eight locks on the `-shm` file the first is the writer's (src/wal.c, WAL_WRITE_LOCK; src/os_unix.c, UNIX_SHM_BASE). */
const walWriteByte = 120;

/** A write lock in /proc/locks: whose, on which file, from which byte to which. */
export interface FileLock {
  readonly pid: number;
  readonly inode: number;
  readonly from: number;
  readonly to: number;
}

/** The write locks in the text of /proc/locks (proc_locks(5)); who only waits, marked "->", is left out. */
export function parseLocks(text: string): FileLock[] {
  const line = /^\d+: (?:POSIX|OFDLCK)\s+\S+\s+WRITE\s+(-?\d+) [0-9a-f]+:[0-9a-f]+:(\d+) (\d+) (\d+|EOF)$/;
  return text.split('\n').flatMap((one) => {
    const found = line.exec(one.trim());
    if (!found) return [];
    const [pid, inode, from] = found.slice(1, 4).map(Number) as [number, number, number];
    return [{ pid, inode, from, to: found[4] === 'EOF' ? Number.POSITIVE_INFINITY : Number(found[4]) }];
  });
}

/** Processes that write to a database file now, a phrase each; null where the system does not say. */
export async function writersOf(path: string): Promise<string[] | null> {
  const text = await readFile('/proc/locks', 'utf8').catch(() => null);
  if (text === null) return null;
  const [file, shm] = await Promise.all([inodeOf(path), inodeOf(`${path}-shm`)]);
  const covers = (lock: FileLock, byte: number): boolean => lock.from <= byte && byte <= lock.to;
  const pids = parseLocks(text)
    .filter(
      (lock) =>
        (lock.inode === file && (covers(lock, pendingByte) || covers(lock, reservedByte))) ||
        (lock.inode === shm && covers(lock, walWriteByte)),
    )
    .map(({ pid }) => pid);
  return Promise.all([...new Set(pids)].filter((pid) => pid !== process.pid).map(describe));
}

const inodeOf = (path: string): Promise<number | null> =>
  stat(path).then(
    ({ ino }) => ino,
    () => null,
  );

/** The name alone: a command line may hold a password. */
async function describe(pid: number): Promise<string> {
  // 0 or less: the process is in another container, or the lock is of an open file.
  if (pid <= 0) return 'a process that does not show from here writes to the file';
  const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
  return `process ${pid}${name ? ` (${name.trim()})` : ''} writes to the file`;
}

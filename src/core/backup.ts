import { createHash } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Session } from '../dialects/dialect.js';
import type { DatabaseUri } from '../dialects/index.js';
import { momentInName, shellLine } from '../dialects/shell.js';
import { blockedError } from '../errors.js';
import { loadChain } from './revisions.js';
import { readState, revisionIn } from './state.js';
import type { Stop } from './stop.js';

/** What stands in the record beside a backup. Field names are stable; `version` is that of the shape. */
export interface BackupRecord {
  readonly version: 1;
  readonly database: string;
  readonly server: string;
  /** null: there was no stamp. */
  readonly revision: string | null;
  /** ISO 8601, UTC. */
  readonly taken: string;
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly tool: string;
  /** Rows in the backup, by table; counted in the database as well, and equal. */
  readonly rows: Readonly<Record<string, number>>;
  /** Lines for a POSIX shell. */
  readonly restore: readonly string[];
}

/** "mlflow-2d6e25af4d3e-20261125T163000Z.dump": by database, revision and moment. */
export function backupName(uri: DatabaseUri, revision: string | null, extension: string): string {
  const moment = momentInName();
  const name = basename(uri.database)
    .replace(/\.[^.]*$/, '')
    .replace(/[^\w.-]/g, '_');
  return `${name || 'mlflow'}-${revision ?? 'unstamped'}-${moment}${extension}`;
}

/**
 * Backs a database up with its own tool, reads the backup back, and writes a record beside it. A file that is there
 * is never overwritten; one that is not finished does not stay.
 *
 * @param where a directory, or the file
 * @throws exit 10 when no backup that is equal to the database can be had; nothing was changed then
 */
export async function takeBackup(
  session: Session,
  uri: DatabaseUri,
  where: string,
  stop: Stop,
): Promise<BackupRecord> {
  const { backup } = await session.dialect.backup();
  const chain = await loadChain();
  const state = await readState(session, chain);
  const revision = revisionIn(state, chain);
  const file = fileFor(where, () => backupName(uri, revision, backup.extension));
  const partial = `${file}.partial`;
  for (const path of [file, recordOf(file)])
    if (existsSync(path))
      throw blockedError(
        `${path} is there already, and is not overwritten`,
        'name another file for --backup, or a directory; nothing was changed',
      );
  const { restore } = await backup.hint(session, uri, file);
  const aborting = new AbortController();
  const release = stop.onRequest(() => aborting.abort());
  const alive = keepAlive(session);
  const made = [partial];
  try {
    stop.check();
    // A runner that was killed may have left it: only one holds the lock of this database.
    rmSync(partial, { force: true });
    // Nobody else may read it: it holds everything that the database holds.
    writeFileSync(partial, '', { flag: 'wx', mode: 0o600 });
    const taken = await backup.take({ session: alive.session, uri, file: partial, signal: aborting.signal });
    const record: BackupRecord = {
      version: 1,
      ...{ database: session.place, server: session.server, revision },
      taken: new Date().toISOString(),
      ...{ file, bytes: statSync(partial).size, sha256: await digestOf(partial) },
      ...{ tool: taken.tool, rows: taken.rows, restore: restore.map(shellLine) },
    };
    toDisk(partial);
    publish(partial, file);
    made.push(file);
    const handle = openSync(recordOf(file), 'wx', 0o600);
    made.push(recordOf(file));
    writeFileSync(handle, `${JSON.stringify(record, null, 2)}\n`);
    closeSync(handle);
    toDisk(recordOf(file));
    toDisk(dirname(file));
    return record;
  } catch (error) {
    for (const path of made) rmSync(path, { force: true });
    stop.check();
    const { code } = error as NodeJS.ErrnoException;
    throw code
      ? blockedError(
          `the backup to ${file} failed: ${code}`,
          'is there room, and may it be written to? nothing was changed',
        )
      : error;
  } finally {
    alive.release();
    release();
  }
}

/**
 * Servers end sessions that say nothing for long (`idle_in_transaction_session_timeout`, `wait_timeout`), and a
 * backup may take hours: the one that holds the lock goes on talking.
 */
function keepAlive(session: Session): { session: Session; release: () => void } {
  // One query at a time: a driver need not keep a queue.
  let last: Promise<unknown> = Promise.resolve();
  let open = 0;
  const query: Session['query'] = (sql, params) => {
    open++;
    const next = last.then(() => session.query(sql, params)).finally(() => open--) as Promise<never[]>;
    last = next.catch(() => undefined);
    return next;
  };
  const timer = setInterval(() => {
    if (open === 0) query('SELECT 1').catch(() => undefined);
  }, 1000);
  const release = () => clearInterval(timer);
  return { session: Object.create(session, { query: { value: query } }) as Session, release };
}

/** Gives a file its name unless that is taken meanwhile, which a rename would not notice. */
function publish(partial: string, file: string): void {
  try {
    linkSync(partial, file);
  } catch (error) {
    // Some file systems know no second name.
    if ((error as NodeJS.ErrnoException).code === 'EEXIST' || existsSync(file)) throw error;
    renameSync(partial, file);
  }
  rmSync(partial, { force: true });
}

const recordOf = (file: string): string => `${file}.json`;

function fileFor(where: string, name: () => string): string {
  const path = resolve(where);
  const isFolder = where.endsWith('/') || (existsSync(path) && statSync(path).isDirectory());
  const file = isFolder ? join(path, name()) : path;
  if (!existsSync(dirname(file)))
    throw blockedError(
      `no directory ${dirname(file)} for the backup`,
      'create it, or name another one; nothing was changed',
    );
  return file;
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** What the upgrade relies on must outlive a power cut. */
function toDisk(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** What to do with a backup after an upgrade that failed where DDL cannot be rolled back. */
export const restoreHints = (record: BackupRecord): string[] => [
  `the backup from before is ${record.file}; to bring it back, run:`,
  ...record.restore,
];

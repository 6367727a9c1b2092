import { existsSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { Database } from 'sqlite3';
import { blockedError } from '../../errors.js';
import type { BackupRequest, DialectBackup, Taken } from '../backup.js';
import { compareRows, countRows, findTool } from '../tools.js';
import { quote } from './quote.js';

/** Pages of one step, between which a stop is honoured. */
const pagesAtOnce = 2000;

/** What node-sqlite3 gives for https://www.sqlite.org/backup.html; its types leave it out. */
interface Backup {
  readonly completed: boolean;
  readonly failed: boolean;
  retryErrors: number[];
  step(pages: number, done: (error: Error | null) => void): void;
  finish(done: (error: Error | null) => void): void;
}

/** The file by SQLite's online backup, which reads a consistent state also where somebody holds the write lock. */
export const backup: DialectBackup = {
  extension: '.db',
  size: async (session) =>
    [session.place, `${session.place}-wal`]
      .filter((path) => existsSync(path))
      .reduce((sum, path) => sum + statSync(path).size, 0),

  hint: async (session, _uri, file) => {
    const { place } = session;
    const tool = findTool('sqlite3');
    const [row] = await session.query<{ journal_mode: string }>('PRAGMA journal_mode');
    const isWal = row?.journal_mode === 'wal';
    return {
      tools: [
        tool
          ? `sqlite3 ${tool.version.split(' ')[0]} (${tool.path})`
          : 'no sqlite3 on PATH: apt-get install sqlite3, or use mltrack db upgrade --backup',
      ],
      secret: [],
      backup: [
        {
          what: 'copy the database, compacted',
          argv: ['sqlite3', place, '.timeout 10000', `VACUUM INTO '${file.replaceAll("'", "''")}'`],
        },
      ],
      verify: [
        {
          what: 'check the copy',
          argv: [
            'sqlite3',
            '-bail',
            file,
            'PRAGMA integrity_check',
            'SELECT version_num FROM alembic_version',
          ],
        },
      ],
      restore: [
        {
          what: 'remove what belongs to the damaged file',
          argv: ['rm', '-f', `${place}-wal`, `${place}-shm`, `${place}-journal`],
        },
        { what: 'put the copy in its place', argv: ['cp', file, place] },
      ],
      notes: [
        isWal
          ? `the database is in WAL mode: what was committed last stands in ${place}-wal, and a plain copy of the file alone loses it; VACUUM INTO does not`
          : 'a plain copy of the file is a backup only while no process has it open; VACUUM INTO is one at any time',
        `sqlite3 ${place} ".backup '${file}'" copies page by page instead, and keeps the free pages`,
        'stop the MLflow server before you restore: an open process would write to the file it knows',
      ],
      managed: [],
    };
  },

  take: async ({ session, file, signal }: BackupRequest): Promise<Taken> => {
    await copy(session.place, file, signal);
    const kept = await readBack(file);
    compareRows(await countRows(session, await session.tableNames()), kept);
    return { tool: session.server, rows: kept };
  },
};

async function copy(place: string, file: string, signal: AbortSignal): Promise<void> {
  const source = await open(place, 'OPEN_READONLY');
  try {
    const started = (
      source as Database & { backup(file: string, done: (error: Error | null) => void): Backup }
    ).backup.bind(source);
    const running = await new Promise<Backup>((resolve, reject) => {
      const made: Backup = started(file, (error) => (error ? reject(error) : resolve(made)));
    });
    running.retryErrors = [];
    try {
      while (!running.completed) {
        signal.throwIfAborted();
        await new Promise<void>((resolve, reject) =>
          running.step(pagesAtOnce, (error) => (error ? reject(error) : resolve())),
        );
        if (running.failed) throw new Error('a page could not be copied');
        await sleep(0);
      }
    } finally {
      await new Promise<void>((resolve) => running.finish(() => resolve()));
    }
  } catch (error) {
    signal.throwIfAborted();
    throw blockedError(
      `the backup of ${place} to ${file} failed: ${(error as Error).message}`,
      'is there room on the disk, and may the directory be written to? nothing was changed',
    );
  } finally {
    await close(source);
  }
}

/** Rows by table of a copy that SQLite finds whole. @throws exit 10 where it does not */
async function readBack(file: string): Promise<Record<string, number>> {
  // Nobody else knows the file: as an immutable one it needs no shared memory beside it, which WAL mode leaves there.
  const copied = await open(`${pathToFileURL(file).href}?immutable=1`, 'OPEN_READONLY');
  try {
    const [check] = await all<{ integrity_check: string }>(copied, 'PRAGMA integrity_check(1)');
    if (check?.integrity_check !== 'ok')
      throw blockedError(
        `the copy in ${file} is damaged, and so is the database itself: ${check?.integrity_check}`,
        'repair the database first (sqlite3 FILE .recover); nothing was changed',
      );
    const tables = await all<{ name: string }>(
      copied,
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    );
    const query = <T extends Record<string, unknown>>(sql: string) => all<T>(copied, sql);
    return await countRows(
      { query, sql: { quote } },
      tables.map(({ name }) => name),
    );
  } finally {
    await close(copied);
  }
}

/** @param path a path, or a URI that begins with "file:" (https://www.sqlite.org/uri.html) */
async function open(path: string, mode: 'OPEN_READONLY'): Promise<Database> {
  const { default: driver } = await import('sqlite3');
  const flags = path.startsWith('file:') ? driver[mode] | driver.OPEN_URI : driver[mode];
  return new Promise((resolve, reject) => {
    const database: Database = new driver.Database(path, flags, (error) =>
      error ? reject(error) : resolve(database),
    );
  });
}

const all = <T>(database: Database, sql: string): Promise<T[]> =>
  new Promise((resolve, reject) => {
    database.all(sql, (error, rows) => (error ? reject(error) : resolve(rows as T[])));
  });

const close = (database: Database): Promise<void> =>
  new Promise((resolve) => database.close(() => resolve()));

import { statSync } from 'node:fs';
import { stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Session } from '../dialect.js';
import { type GivenBack, kib } from '../give-back.js';

/**
 * Writes the file anew and keeps writers out meanwhile (https://www.sqlite.org/lang_vacuum.html). A WAL takes the new
 * pages first, and only a checkpoint that waits for no reader makes the file shorter.
 */
export async function giveBack(session: Session, tables: readonly string[]): Promise<GivenBack> {
  const { place } = session;
  const [pages, size, unused] = [
    await pragma(session, 'page_count'),
    await pragma(session, 'page_size'),
    await pragma(session, 'freelist_count'),
  ];
  if (tables.length === 0 && unused === 0) {
    await session.query('PRAGMA wal_checkpoint(TRUNCATE)');
    return { said: 'no page of the file is free', failed: [] };
  }
  const lack = await lackOfRoom(place, (pages - unused) * size);
  if (lack) return { said: null, failed: [lack] };
  const before = (await stat(place)).size;
  await session.query('VACUUM');
  const [log] = await session.query<{ busy: number }>('PRAGMA wal_checkpoint(TRUNCATE)');
  const after = (await stat(place)).size;
  const later = log?.busy === 1 ? '; its WAL still has readers, and it shrinks when they are gone' : '';
  return { said: `the file has ${kib(after)}, before ${kib(before)}${later}`, failed: [] };
}

async function pragma(session: Session, name: string): Promise<number> {
  const [row] = await session.query<Record<string, number>>(`PRAGMA ${name}`);
  return Number(row?.[name] ?? 0);
}

/**
 * VACUUM makes a copy in the temporary directory, and then journals what it overwrites beside the file: twice what is
 * in use. On a full disk it rolls back, after a long time.
 */
export async function lackOfRoom(place: string, bytes: number): Promise<string | null> {
  const [beside, temporary] = [dirname(place), temporaryDirectory()];
  const same = (await stat(beside)).dev === (await stat(temporary)).dev;
  const needs = same
    ? [[beside, 2 * bytes] as const]
    : [[beside, bytes] as const, [temporary, bytes] as const];
  for (const [directory, need] of needs) {
    const { bavail, bsize } = await statfs(directory);
    if (bavail * bsize < need)
      return `${directory} has ${kib(bavail * bsize)} free, and VACUUM needs ${kib(need)}`;
  }
  return null;
}

/** Where SQLite makes temporary files (https://www.sqlite.org/tempfiles.html, "Temporary File Storage Locations"). */
function temporaryDirectory(): string {
  const { SQLITE_TMPDIR, TMPDIR } = process.env;
  const isDirectory = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  return (
    [SQLITE_TMPDIR, TMPDIR, '/var/tmp', '/usr/tmp', '/tmp'].find((path) => path && isDirectory(path)) ?? '.'
  );
}

import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { dbUpgrade, expectDone, expectRefusal } from '../support/cli.js';
import { type Database, databaseAt } from '../support/databases.js';
import { fileOf, fileSnapshot } from '../support/snapshot.js';

const asRoot = process.getuid?.() === 0;
const nobody = 65_534;

/** An old database whose metrics need room for a second copy. */
async function filled(): Promise<Database> {
  const database = await databaseAt('sqlite', 5);
  await database.run(
    "INSERT INTO experiments (experiment_id, name) VALUES (1, 'a')",
    "INSERT INTO runs (run_uuid, experiment_id) VALUES ('r', 1)",
    `INSERT INTO metrics WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 49999)
     SELECT 'metric', i, i, 'r', i, 0 FROM n`,
  );
  return database;
}

describe('SQLite and the disk', () => {
  let database: Database;
  const cleanups: (() => void)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) cleanup();
    await database.drop();
  });

  const folder = () => {
    const made = mkdtempSync(join(tmpdir(), 'mltrack-'));
    cleanups.push(() => rmSync(made, { recursive: true, force: true }));
    return made;
  };

  // Only root may mount; elsewhere the case is left out, and said so.
  const canMount = asRoot && spawnSync('mount', ['--version']).status === 0;
  if (!canMount) console.error('!!! no right to mount a small disk: the full-disk test is LEFT OUT');

  it.runIf(canMount)('a full disk takes everything back, and room lets it through', async () => {
    database = await filled();
    const disk = folder();
    const mount = (options: string) =>
      spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', disk]).status;
    // Room for the file and little more; the second copy of the metrics does not fit.
    expect(mount(`size=${statSync(fileOf(database)).size + 500_000}`)).toBe(0);
    cleanups.push(() => spawnSync('umount', [disk]));
    const path = join(disk, 'mlflow.db');
    copyFileSync(fileOf(database), path);
    const { bytes } = fileSnapshot(path) as { bytes: string };
    expectRefusal(await dbUpgrade([`sqlite:///${path}`]), 10, /full/, /rolled back/);
    expect((fileSnapshot(path) as { bytes: string }).bytes).toBe(bytes);
    expect(mount('remount,size=200m')).toBe(0);
    expectDone(await dbUpgrade([`sqlite:///${path}`]));
  });

  it.each([
    ['file', 0o444, 0o777],
    ['directory', 0o666, 0o555],
  ])('a read-only %s is refused', async (_name, fileMode, folderMode) => {
    database = await databaseAt('sqlite', 16);
    const place = join(folder(), 'place');
    mkdirSync(place);
    const path = join(place, 'mlflow.db');
    copyFileSync(fileOf(database), path);
    if (asRoot) for (const each of [path, place, join(place, '..')]) chownSync(each, nobody, nobody);
    chmodSync(path, fileMode);
    chmodSync(place, folderMode);
    cleanups.push(() => chmodSync(place, 0o777));
    const before = fileSnapshot(path);
    const run = await dbUpgrade([`sqlite:///${path}`], asRoot ? { uid: nobody } : {});
    expectRefusal(run, 10, /read-only|cannot be written/);
    expect(fileSnapshot(path)).toEqual(before);
  });
});

import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { artifactRoot } from '../../src/core/backup-hint.js';
import { ExitCode } from '../../src/errors.js';
import { dbUpgrade, expectDone, expectRefusal, mltrack, otherPassword } from '../support/cli.js';
import { availableServers, type Database, databaseAt } from '../support/databases.js';
import { fileOf } from '../support/snapshot.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mltrack-hint-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('where artifacts are', () => {
  it.each([
    ['s3://bucket/mlflow/1', 's3://bucket/mlflow'],
    ['s3://bucket/1', 's3://bucket'],
    ['s3://bucket', 's3://bucket'],
    ['s3://bucket/mlflow/1//artifacts', 's3://bucket/mlflow'],
    ['mlflow-artifacts:/7', 'mlflow-artifacts:/'],
    ['file:///mlruns/0', 'file:///mlruns'],
    ['file:///0', 'file:///'],
    ['/srv/mlruns/0', '/srv/mlruns'],
    ['./mlruns/0', './mlruns'],
    [
      'wasbs://box@account.blob.core.windows.net/mlflow/3',
      'wasbs://box@account.blob.core.windows.net/mlflow',
    ],
    [`ftp://bob:${otherPassword}@ftp.example/mlflow/0`, 'ftp://bob@ftp.example/mlflow'],
    [`https://a.example/mlflow/0?sig=${otherPassword}`, 'https://a.example/mlflow'],
    ['s3://x\nrm -rf y\n/1', 's3://x\ufffdrm -rf y\ufffd'],
    ['s3://\u001b[31m/1', 's3://\ufffd[31m'],
  ])('%j is under %j', (place, root) => expect(artifactRoot(place)).toBe(root));
});

describe.each(availableServers())('%s: backup-hint', (kind) => {
  let database: Database;
  afterEach(() => database.drop());

  it('runs nothing that an experiment is named, and prints no password of its artifacts', async () => {
    database = await databaseAt(kind, 48);
    const trap = join(folder, 'trap');
    const places = [`s3://x\ntouch ${trap}\n/1`, `ftp://bob:${otherPassword}@ftp.example/mlflow/0`];
    await database.run(
      ...places.map(
        (place, i) =>
          `INSERT INTO experiments (experiment_id, name, artifact_location) VALUES (${i + 1}, 'e${i}', '${place}')`,
      ),
      "INSERT INTO runs (run_uuid, experiment_id, status, artifact_uri) VALUES ('r1', 1, 'FINISHED', 'gs://old/r/1/r1/artifacts')",
    );
    const args = ['backup-hint', database.uri, '--file', join(folder, 'saved')];
    const { events } = await mltrack([...args, '--json']);
    expect(events[0]?.artifacts).toEqual(
      expect.arrayContaining(['ftp://bob@ftp.example/mlflow', 'gs://old/r']),
    );
    const script = await mltrack([...args, '--format', 'sh']);
    expectDone(script);
    const text = await mltrack(args);
    expectDone(text);
    // No tool is on the PATH but the shell's own words: only what stands on lines of its own could run.
    spawnSync('/bin/sh', ['-c', script.stdout.replace('set -eu', '')], {
      env: { PATH: '/bin:/usr/bin' },
      cwd: folder,
    });
    expect(existsSync(trap)).toBe(false);
  });
});

describe('a server that cannot be reached', () => {
  it('has no hint: exit 9, and why', async () => {
    const run = await mltrack(['backup-hint', `postgresql://u:${otherPassword}@127.0.0.1:1/x`]);
    expectRefusal(run, ExitCode.unreachable, /cannot connect/);
  });
});

describe('a database whose name has line breaks', () => {
  it('ends no comment of the script', async () => {
    const database = await databaseAt('sqlite', 48);
    try {
      const name = 'a\ntouch trap\nb.db';
      copyFileSync(fileOf(database), join(folder, name));
      const run = await mltrack(
        ['backup-hint', `sqlite:///${folder}/${name}`, '--format', 'sh', '--file', 'c'],
        {
          cwd: folder,
        },
      );
      expectDone(run);
      const env = { PATH: process.env.PATH ?? '' };
      const shell = spawnSync('/bin/sh', ['-c', run.stdout], { env, cwd: folder, encoding: 'utf8' });
      expect(shell.status, shell.stderr).toBe(0);
      expect(readdirSync(folder).sort()).toEqual([name, 'c']);
    } finally {
      await database.drop();
    }
  });
});

describe('sqlite: db upgrade --backup', () => {
  it('leaves two files, of a database in WAL mode too', async () => {
    const database = await databaseAt('sqlite', 48);
    try {
      await database.rows('PRAGMA journal_mode = wal');
      expectDone(await dbUpgrade([database.uri, '--backup', join(folder, 'b #1%41?.db')]));
      expect(readdirSync(folder).sort()).toEqual(['b #1%41?.db', 'b #1%41?.db.json']);
      const record = JSON.parse(readFileSync(join(folder, 'b #1%41?.db.json'), 'utf8'));
      expect(record.rows.alembic_version).toBe(1);
    } finally {
      await database.drop();
    }
  });
});

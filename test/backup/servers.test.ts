import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { takeBackup } from '../../src/core/backup.js';
import { Stop } from '../../src/core/stop.js';
import type { DialectName } from '../../src/dialects/dialect.js';
import { parseUri } from '../../src/dialects/index.js';
import { ExitCode } from '../../src/errors.js';
import { dbUpgrade, expectDone, expectRefusal, otherPassword, start } from '../support/cli.js';
import { clientPath } from '../support/clients.js';
import { type Database, databaseAt, openSession, type ServerKind } from '../support/databases.js';
import { password } from '../support/server.js';
import { bundled } from '../support/share.js';
import { snapshot } from '../support/snapshot.js';

const dumpers: Readonly<Record<ServerKind, string>> = {
  sqlite: '',
  postgresql: 'pg_dump',
  mysql: 'mysqldump',
  mariadb: 'mariadb-dump',
};

/** How a session tells its server to end it once it says nothing for two seconds in a transaction. */
const impatience: Readonly<Record<DialectName, string>> = {
  sqlite: '',
  postgresql: "SET idle_in_transaction_session_timeout = '2s'",
  mysql: 'SET SESSION wait_timeout = 2',
  mssql: '',
};

const servers = bundled().flatMap((kind) => {
  const path = kind === 'sqlite' ? null : clientPath(kind);
  return path === null ? [] : [[kind, path] as const];
});

describe.each(servers)('%s: the backup of db upgrade', (kind, path) => {
  let database: Database;
  let folder: string;
  let bin: string;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mltrack-backup-'));
    bin = mkdtempSync(join(tmpdir(), 'mltrack-bin-'));
    database = await databaseAt(kind, 60);
  });
  afterEach(async () => {
    await database.drop();
    for (const path of [folder, bin]) rmSync(path, { recursive: true, force: true });
  });

  /** Puts a script in front of the real program, which it can go on with as `"$real"`. */
  function inFront(script: string): string {
    const name = dumpers[kind];
    const real = spawnSync('/bin/sh', ['-c', `command -v ${name}`], {
      env: { PATH: path },
      encoding: 'utf8',
    });
    expect(real.stdout, real.stderr).toMatch(name);
    const text = `#!/bin/sh\nreal='${real.stdout.trim()}'\n[ "$1" = --version ] && exec "$real" "$@"\n${script}\n`;
    writeFileSync(join(bin, name), text);
    chmodSync(join(bin, name), 0o755);
    return `${bin}:${path}`;
  }

  it('keeps the lock where the server ends sessions that say nothing', async () => {
    vi.stubEnv('PATH', inFront('sleep 5; exec "$real" "$@"'));
    const { session } = await openSession(database);
    try {
      await session.query(impatience[database.dialect]);
      await session.begin();
      const record = await takeBackup(session, parseUri(database.uri), join(folder, 'b'), new Stop());
      expect(record.rows.alembic_version).toBe(1);
      expect(await session.query('SELECT version_num FROM alembic_version')).toHaveLength(1);
    } finally {
      await session.close();
      vi.unstubAllEnvs();
    }
  });

  it('goes by the URI, whatever the option files of the user say', async () => {
    writeFileSync(
      join(folder, '.my.cnf'),
      '[client]\npassword=wrong\nuser=nobody\n[mysqldump]\nno-data\nskip-triggers\n[mariadb-dump]\nno-data\n',
    );
    writeFileSync(join(folder, '.pgpass'), '*:*:*:*:wrong\n', { mode: 0o600 });
    const env = { PATH: path, HOME: folder };
    expectDone(await dbUpgrade([database.uri, '--backup', join(folder, 'b')], { env }));
  });

  it('shows the password in no command line, and leaves it in no file', async () => {
    const seen = join(folder, 'seen');
    // What any user of the machine could read of the program and of mltrack while they run.
    const look = `cat /proc/$$/cmdline /proc/$PPID/cmdline | tr '\\0' ' ' > '${seen}'; exec "$real" "$@"`;
    const { database: name, host, port, username } = parseUri(database.uri);
    const uri = `${database.dialect}://${username}@${host}:${port}/${name}`;
    const secret = join(folder, 'secret');
    writeFileSync(secret, password, { mode: 0o600 });
    const scratch = mkdtempSync(join(folder, 'tmp-'));
    const env = { PATH: inFront(look), TMPDIR: scratch };
    const args = [uri, '--password-file', secret, '--backup', join(folder, 'b')];
    expectDone(await dbUpgrade(args, { env }));
    const lines = readFileSync(seen, 'utf8');
    expect(lines).toContain(dumpers[kind]);
    expect(lines).not.toContain(password);
    expect(lines).not.toContain(encodeURIComponent(password));
    expect(readdirSync(scratch)).toEqual([]);
    expect(readFileSync(join(folder, 'b.json'), 'utf8')).not.toContain(password);
  });

  it.each(['SIGINT', 'SIGKILL'] as const)(
    '%s in the middle changes nothing, and the next run goes on',
    async (signal) => {
      const before = await snapshot(database);
      const running = join(folder, 'running');
      const env = { PATH: inFront(`touch '${running}'; exec sleep 20`) };
      const { child, ended } = start(['db', 'upgrade', database.uri, '--backup', join(folder, 'b')], { env });
      await expect.poll(() => readdirSync(folder), { timeout: 30_000 }).toContain('running');
      child.kill(signal);
      const run = await ended;
      expect(run.code).toBe(signal === 'SIGINT' ? ExitCode.interrupted : null);
      rmSync(running);
      expect(readdirSync(folder)).toEqual(signal === 'SIGINT' ? [] : ['b.partial']);
      expect(await snapshot(database)).toEqual(before);
      expectDone(await dbUpgrade([database.uri, '--backup', join(folder, 'b')], { env: { PATH: path } }));
      expect(readdirSync(folder).sort()).toEqual(['b', 'b.json']);
    },
  );

  it('on a full disk changes nothing and leaves nothing', async () => {
    const before = await snapshot(database);
    // A limit of 16 blocks of 512 bytes on every file that mltrack or its tool writes.
    const mltrack = fileURLToPath(new URL('../../bin/mltrack.js', import.meta.url));
    const line = `trap '' XFSZ; ulimit -f 16; exec '${process.execPath}' '${mltrack}' "$@"`;
    const run = spawnSync(
      '/bin/sh',
      ['-c', line, 'sh', 'db', 'upgrade', database.uri, '--yes', '--backup', folder],
      { encoding: 'utf8', env: { PATH: path, HOME: folder } },
    );
    expect(run.status, run.stderr).toBe(ExitCode.blocked);
    expect(run.stderr).toMatch(/nothing was changed/);
    expect(run.stderr).not.toContain(password);
    expect(readdirSync(folder)).toEqual([]);
    expect(await snapshot(database)).toEqual(before);
  });

  it('overwrites no file that appears meanwhile', async () => {
    const file = join(folder, 'b');
    const env = { PATH: inFront(`"$real" "$@" || exit 1; echo mine > '${file}'`) };
    expectRefusal(await dbUpgrade([database.uri, '--backup', file], { env }), ExitCode.blocked, /EEXIST/);
    expect(readFileSync(file, 'utf8')).toBe('mine\n');
    expect(readdirSync(folder)).toEqual(['b']);
  });

  it('does not begin once a stop was asked for', async () => {
    const stop = new Stop();
    stop.request('SIGTERM');
    vi.stubEnv('PATH', path);
    const { session } = await openSession(database);
    try {
      const taken = takeBackup(session, parseUri(database.uri), folder, stop);
      await expect(taken).rejects.toMatchObject({ exitCode: ExitCode.terminated });
      expect(readdirSync(folder)).toEqual([]);
    } finally {
      await session.close();
      vi.unstubAllEnvs();
    }
  });

  const postgresIt: (name: string, test: () => Promise<void>) => void =
    kind === 'postgresql' ? it : () => undefined;

  postgresIt('counts the rows of a partitioned table of the user’s own once', async () => {
    await database.run(
      'CREATE TABLE own (a int) PARTITION BY RANGE (a)',
      'CREATE TABLE "own 1" PARTITION OF own FOR VALUES FROM (0) TO (10)',
      'INSERT INTO own VALUES (1), (2)',
      'CREATE VIEW seen AS SELECT * FROM own',
    );
    const file = join(folder, 'b');
    expectDone(await dbUpgrade([database.uri, '--backup', file], { env: { PATH: path } }));
    expect(JSON.parse(readFileSync(`${file}.json`, 'utf8')).rows).toMatchObject({ 'own 1': 2 });
  });

  it('says nothing of a wrong password but that it is wrong', async () => {
    const before = await snapshot(database);
    const { database: name, host, port, username } = parseUri(database.uri);
    const uri = `${database.dialect}://${username}:${otherPassword}@${host}:${port}/${name}`;
    const run = await dbUpgrade([uri, '--backup', folder], { env: { PATH: path } });
    expectRefusal(run, ExitCode.unreachable, /password|denied|authentication/i);
    expect(readdirSync(folder)).toEqual([]);
    expect(await snapshot(database)).toEqual(before);
  });
});

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { lockName } from '../../src/dialects/mysql/lock.js';
import { dbUpgrade, expectDone, expectRefusal, start } from '../support/cli.js';
import { type Database, databaseAt, kinds, type ServerKind } from '../support/databases.js';
import { goldenAt, stateCount } from '../support/fixtures.js';
import { goldenOf } from '../support/golden.js';
import { nameOf, type Other, otherSession } from '../support/other-session.js';
import { bundled, longRunners } from '../support/share.js';
import { snapshot } from '../support/snapshot.js';
import { schemaOf } from '../support/upgrade.js';

let database: Database;
const others: Other[] = [];
afterEach(async () => {
  for (const other of others.splice(0)) await other.end().catch(() => undefined);
  await database.drop();
});

async function another(...statements: string[]): Promise<Other> {
  const other = await otherSession(database);
  others.push(other);
  for (const sql of statements) await other.run(sql);
  return other;
}

const getLock = async () => `SELECT GET_LOCK('${await lockName(nameOf(database))}', 0)`;

/**
 * The lock that another mltrack would hold. While SQLite's is held, this process must not open and close the file by
 * itself: that drops its POSIX locks (https://www.sqlite.org/howtocorrupt.html, 2.2), so snapshots come before and after.
 */
const take: Readonly<Record<ServerKind, () => string | Promise<string>>> = {
  sqlite: () => 'BEGIN IMMEDIATE',
  postgresql: () => "SELECT pg_advisory_lock(x'6d6c7472'::int, hashtext('public'))",
  mysql: getLock,
  mariadb: getLock,
};
const reading = ['BEGIN', 'SELECT count(*) FROM experiments'];

describe.each(bundled())('%s: somebody else is there', (kind) => {
  it('a runner gives up after --lock-wait, and goes on when it is let', async () => {
    database = await databaseAt(kind, 48);
    const before = await snapshot(database);
    let other = await another(await take[kind]());
    expectRefusal(await dbUpgrade([database.uri, '--lock-wait', '300ms', '--json']), 7, /another|locked/);
    await other.end();
    expect(await snapshot(database)).toEqual(before);
    other = await another(await take[kind]());
    const patient = start(['db', 'upgrade', database.uri, '--lock-wait', '60s']);
    await patient.until('waiting:');
    await other.end();
    expectDone(await patient.ended);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends the wait for the lock at once', async (signal, code) => {
    database = await databaseAt(kind, 48);
    const before = await snapshot(database);
    const other = await another(await take[kind]());
    const run = start(['db', 'upgrade', database.uri]);
    await run.until('waiting:');
    const asked = Date.now();
    run.child.kill(signal);
    expectRefusal(await run.ended, code, new RegExp(`stopped by ${signal}`));
    expect(Date.now() - asked).toBeLessThan(5000);
    await other.end();
    expect(await snapshot(database)).toEqual(before);
  });

  it('a transaction that reads a table holds it up no longer than --lock-wait', async () => {
    database = await databaseAt(kind, 48);
    const other = await another(...reading);
    expectRefusal(await dbUpgrade([database.uri, '--lock-wait', '1s']), 7, /held by another|locked/);
    const [row] = await database.rows('SELECT version_num AS stamp FROM alembic_version');
    expect(row?.stamp).not.toBe('f4a9b2c7d1e6');
    await other.end();
    expectDone(await dbUpgrade([database.uri]));
  });
});

describe('SQLite', () => {
  it('SIGTERM ends the wait for a file that is locked against readers too', async () => {
    database = await databaseAt('sqlite', 48);
    await another('BEGIN EXCLUSIVE');
    const run = start(['db', 'upgrade', database.uri]);
    await run.until('waiting:');
    run.child.kill('SIGTERM');
    expectRefusal(await run.ended, 143, /stopped by SIGTERM/);
  });
});

describe('waiting for what is not the database', () => {
  const bin = fileURLToPath(new URL('../../bin/mltrack.js', import.meta.url));
  const spawned = (...args: string[]) => {
    const child = spawn(process.execPath, [bin, 'db', 'upgrade', ...args], { env: { TZ: 'UTC' } });
    return { child, ended: new Promise((done) => child.once('close', done)) };
  };

  it('--password-stdin takes the first line of a pipe that stays open', async () => {
    database = await databaseAt('sqlite', 70);
    const { child, ended } = spawned(database.uri, '--password-stdin');
    child.stdin.write('first\nsecond');
    expect(await ended).toBe(0);
  });

  it('SIGINT ends --password-stdin and --wait', async () => {
    database = await databaseAt('sqlite', 70);
    for (const args of [
      [database.uri, '--password-stdin'],
      ['postgresql://u@127.0.0.1:1/d', '--wait', '60s'],
    ]) {
      const { child, ended } = spawned(...args);
      await new Promise((done) => setTimeout(done, 1500));
      child.kill('SIGINT');
      expect(await ended).toBe(130);
    }
  });
});

/** Ends mltrack's session once it waits for a lock; how many it ended. */
const end: Readonly<Record<Exclude<ServerKind, 'sqlite'>, (killer: Other) => Promise<number>>> = {
  postgresql: async (killer) =>
    (
      await killer.run(`SELECT pg_terminate_backend(pid) AS ended FROM pg_stat_activity
        WHERE application_name = 'mltrack' AND datname = current_database() AND wait_event_type = 'Lock'`)
    ).length,
  mysql: killWaiting,
  mariadb: killWaiting,
};

async function killWaiting(killer: Other): Promise<number> {
  const sessions = await killer.run('SHOW PROCESSLIST');
  const waiting = sessions.filter(
    ({ db, State }) => db === nameOf(database) && /metadata lock/.test(String(State)),
  );
  for (const { Id } of waiting) await killer.run(`KILL ${Id}`);
  return waiting.length;
}

/** What mltrack must wait for: on PostgreSQL the stamp, which is written last; there the whole rest is done by then. */
const block: Readonly<Record<keyof typeof end, readonly string[]>> = {
  postgresql: ['BEGIN', 'LOCK TABLE alembic_version IN EXCLUSIVE MODE'],
  mysql: reading,
  mariadb: reading,
};

const servers = longRunners().filter((kind): kind is keyof typeof end => kind in end);

describe.each(servers)('%s', (kind) => {
  it('a session that the server ends is no obstacle for the next', async () => {
    database = await databaseAt(kind, 48);
    const blocker = await another(...block[kind]);
    const killer = await another();
    const before = await snapshot(database);
    const run = start(['db', 'upgrade', database.uri, '--json']);
    while ((await end[kind](killer)) === 0) await pause(50);
    expectRefusal(await run.ended, 9, /connection to .* was lost/);
    await blocker.end();
    if (kinds[kind].transactional) expect(await snapshot(database)).toEqual(before);
    expectDone(await dbUpgrade([database.uri]));
    expect(goldenOf(await schemaOf(database))).toEqual(goldenAt(stateCount - 1, kind));
  });
});

const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

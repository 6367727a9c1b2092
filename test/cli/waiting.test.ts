import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import sqlite3 from 'sqlite3';
import { afterEach, describe, expect, inject, it } from 'vitest';
import type { DialectName } from '../../src/dialects/dialect.js';
import { dbUpgrade, expectDone, expectRefusal, start } from '../support/cli.js';
import { availableDialects, type Database, databaseAt } from '../support/databases.js';
import { fileOf, snapshot } from '../support/snapshot.js';

let database: Database;
const others: Other[] = [];
afterEach(async () => {
  for (const other of others.splice(0)) await other.end().catch(() => undefined);
  await database.drop();
});

/** Somebody else who keeps the database: runs SQL on a connection of its own; `end` lets go. */
interface Other {
  run(sql: string): Promise<unknown>;
  end(): Promise<unknown>;
}

const connect = {
  sqlite: async (): Promise<Other> => {
    const db = new sqlite3.Database(fileOf(database));
    return {
      run: (sql) => new Promise((done, fail) => db.exec(sql, (error) => (error ? fail(error) : done(null)))),
      end: () => new Promise((done) => db.close(done)),
    };
  },
  postgresql: async (): Promise<Other> => {
    const { host, port, user, password } = inject('postgres') ?? {};
    const name = database.uri.split('/').at(-1) as string;
    const client = new pg.Client({ host, port, user, password, database: name } as pg.ClientConfig);
    await client.connect();
    return { run: (sql) => client.query(sql), end: () => client.end() };
  },
};

async function another(dialect: DialectName, sql?: string): Promise<Other> {
  const other = await connect[dialect]();
  others.push(other);
  if (sql) await other.run(sql);
  return other;
}

/**
 * The lock that another mltrack would hold. While SQLite's is held, this process must not open and close the file by
 * itself: that drops its POSIX locks (https://www.sqlite.org/howtocorrupt.html, 2.2), so snapshots come before and after.
 */
const take = {
  sqlite: 'BEGIN IMMEDIATE',
  postgresql: "SELECT pg_advisory_lock(x'6d6c7472'::int, hashtext('public'))",
};
const reading = 'BEGIN; SELECT count(*) FROM experiments';

describe.each(availableDialects())('%s: somebody else is there', (dialect) => {
  it('a runner gives up after --lock-wait, and goes on when it is let', async () => {
    database = await databaseAt(dialect, 48);
    const before = await snapshot(database);
    let other = await another(dialect, take[dialect]);
    expectRefusal(await dbUpgrade([database.uri, '--lock-wait', '300ms', '--json']), 7, /another|locked/);
    await other.end();
    expect(await snapshot(database)).toEqual(before);
    other = await another(dialect, take[dialect]);
    const patient = start(['db', 'upgrade', database.uri, '--lock-wait', '60s']);
    await patient.until('waiting:');
    await other.end();
    expectDone(await patient.ended);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends the wait for the lock at once', async (signal, code) => {
    database = await databaseAt(dialect, 48);
    const before = await snapshot(database);
    const other = await another(dialect, take[dialect]);
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
    database = await databaseAt(dialect, 48);
    const other = await another(dialect, reading);
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
    await another('sqlite', 'BEGIN EXCLUSIVE');
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

describe.skipIf(!inject('postgres'))('PostgreSQL', () => {
  it('a session that the server ends leaves nothing behind', async () => {
    database = await databaseAt('postgresql', 48);
    const blocker = await another('postgresql', 'BEGIN; LOCK TABLE alembic_version IN EXCLUSIVE MODE');
    const killer = await another('postgresql');
    const before = await snapshot(database);
    // It waits for the stamp's lock at its very end.
    const run = start(['db', 'upgrade', database.uri, '--json']);
    const ended = `SELECT pg_terminate_backend(pid) AS ended FROM pg_stat_activity
      WHERE application_name = 'mltrack' AND datname = current_database() AND wait_event_type = 'Lock'`;
    for (let count = 0; count === 0; )
      count = ((await killer.run(ended)) as { rowCount: number }).rowCount || (await pause(50));
    expectRefusal(await run.ended, 9, /connection to .* was lost/);
    await blocker.end();
    expect(await snapshot(database)).toEqual(before);
    expectDone(await dbUpgrade([database.uri]));
  });
});

const pause = (ms: number) => new Promise<number>((done) => setTimeout(() => done(0), ms));

import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { readStatus, type Status } from '../src/core/status.js';
import { parseLocks } from '../src/dialects/sqlite/file-locks.js';
import { ExitCode } from '../src/errors.js';
import { mltrack, otherPassword } from './support/cli.js';
import { availableServers, type Database, databaseAt, kinds, openSession } from './support/databases.js';
import { ordinalOf } from './support/fixtures.js';
import { nameOf, otherSession } from './support/other-session.js';
import { password } from './support/server.js';
import type { ServerKind } from './support/server-kinds.js';

const start = ordinalOf('acf3f17fdcc7');

/** Somebody who has written a row and not committed. */
const writing = ['BEGIN', "INSERT INTO experiment_tags VALUES ('k', 'v', 1)"];
const experiment = "INSERT INTO experiments (experiment_id, name) VALUES (1, 'one')";

/** What keeps readers of `metrics` waiting, where anything does. */
const shutOut: Readonly<Record<ServerKind, readonly string[] | null>> = {
  sqlite: null,
  postgresql: ['BEGIN', 'LOCK TABLE metrics IN ACCESS EXCLUSIVE MODE'],
  mysql: ['LOCK TABLES metrics WRITE'],
  mariadb: ['LOCK TABLES metrics WRITE'],
};

/** A change of the schema that fails at once where a lock stands against it. */
const impatient: Readonly<Record<ServerKind, readonly string[]>> = {
  sqlite: [],
  postgresql: ["SET lock_timeout = '500ms'"],
  mysql: ['SET SESSION lock_wait_timeout = 1'],
  mariadb: ['SET SESSION lock_wait_timeout = 1'],
};

describe.each(availableServers())('%s: who uses a database', (kind) => {
  let database: Database;
  afterEach(() => database.drop());

  /** A process of its own where processes are what is told apart. */
  const asked = async (uri = database.uri): Promise<Status> => {
    if (kind === 'sqlite') {
      const run = await mltrack(['db', 'status', uri, '--json']);
      expect(run.code, `${run.stdout}${run.stderr}`).toBe(ExitCode.done);
      return run.events[0] as unknown as Status;
    }
    const { session } = await openSession({ ...database, uri });
    return readStatus(session, null).finally(() => session.close());
  };

  it('nobody; an open transaction, in words; a reader is not kept waiting by it', async () => {
    database = await databaseAt(kind, start);
    await database.run(experiment);
    expect((await asked()).sessions).toMatchObject({ lock: null, transactions: [] });
    const other = await otherSession(database);
    try {
      for (const sql of writing) await other.run(sql);
      // InnoDB answers from a list that it makes anew after a tenth of a second (storage/innobase/trx/trx0i_s.cc).
      await sleep(200);
      const { sessions, tables } = await asked();
      expect(sessions.lock).toBeNull();
      expect(sessions.transactions).toEqual([
        expect.stringMatching(
          {
            sqlite: /^process \d+ \(.+\) writes to the file$/,
            postgresql:
              /^process \d+ of \w+ from 127\.0\.0\.1 \(idle in transaction, transaction open for \d+ s\) holds locks on experiment_tags.*: INSERT INTO experiment_tags VALUES/,
            mysql:
              /^connection \d+ of mlflow from 127\.0\.0\.1:\d+: transaction open for \d+ s, \d+ rows locked$/,
            mariadb: /^connection \d+ of mlflow from \S+: transaction open for \d+ s, \d+ rows locked$/,
          }[kind],
        ),
      ]);
      // No values of rows are told.
      expect(JSON.stringify(sessions)).not.toContain("'k'");
      expect(tables.find(({ table }) => table === 'experiments')).toMatchObject({ rows: 1, exact: true });
    } finally {
      await other.run('ROLLBACK');
      await other.end();
    }
  });

  it('an mltrack at work', async () => {
    database = await databaseAt(kind, start);
    const { session } = await openSession(database);
    try {
      await session.begin();
      const { sessions } = await asked();
      // The lock on a file is SQLite's own: who has it does not show.
      if (kind === 'sqlite') expect(sessions.transactions).toHaveLength(1);
      else expect(sessions.lock).toMatch(/^(server process|connection) \d+/);
      await session.rollback();
    } finally {
      await session.close();
    }
    expect((await asked()).sessions.lock).toBeNull();
  });

  it('keeps no lock: the schema can be changed while its session is still open', async () => {
    database = await databaseAt(kind, start);
    const { session } = await openSession(database);
    try {
      await readStatus(session, null);
      const quote = kinds[kind].quote('mine');
      await database.run(...impatient[kind], `ALTER TABLE metrics ADD COLUMN ${quote} INT`);
    } finally {
      await session.close();
    }
  });

  it.runIf(shutOut[kind])(
    'does not wait for a table that is locked, and does not say that it was counted',
    async () => {
      database = await databaseAt(kind, start);
      const other = await otherSession(database);
      try {
        for (const sql of shutOut[kind] ?? []) await other.run(sql);
        const before = performance.now();
        const { tables, revision } = await asked();
        expect(performance.now() - before).toBeLessThan(6000);
        expect(revision).toBe('acf3f17fdcc7');
        expect(tables.find(({ table }) => table === 'metrics')).toMatchObject({
          ...(kind === 'postgresql' ? { rows: null } : { rows: 0 }),
          exact: false,
        });
      } finally {
        await other.end();
      }
    },
  );

  it.runIf(kind !== 'sqlite')('a role with few rights is told what it does not see', async () => {
    database = await databaseAt(kind, start);
    const user = `few${Date.now()}`;
    const name = nameOf(database);
    const isPostgres = kind === 'postgresql';
    await database.run(
      ...(isPostgres
        ? [
            `CREATE ROLE ${user} LOGIN PASSWORD '${otherPassword}'`,
            `GRANT USAGE ON SCHEMA public TO ${user}`,
            `GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${user}`,
          ]
        : [`CREATE USER ${user} IDENTIFIED BY '${otherPassword}'`, `GRANT SELECT ON ${name}.* TO ${user}`]),
    );
    try {
      const uri = database.uri.replace(/\/\/(\w+):[^@]+@/, `//${user}:${otherPassword}@`);
      const { sessions, about, tables } = await asked(uri);
      expect(sessions.hidden).toMatch(isPostgres ? `GRANT pg_read_all_stats TO ${user}` : /GRANT PROCESS/);
      expect(about.length).toBeGreaterThan(1);
      expect(tables.find(({ table }) => table === 'metrics')).toMatchObject({ rows: 0, exact: true });
      expect(uri).not.toContain(encodeURIComponent(password));
    } finally {
      await database.run(
        ...(isPostgres ? [`DROP OWNED BY ${user}`, `DROP ROLE ${user}`] : [`DROP USER ${user}`]),
      );
    }
  });
});

describe('the locks of Linux', () => {
  it('write locks are read, with their range; readers and who waits are not', () => {
    const text = [
      '1: POSIX  ADVISORY  WRITE 4711 08:01:1234 1073741825 1073741825',
      '2: POSIX  ADVISORY  READ 4712 08:01:1234 1073741826 1073742335',
      '2: -> POSIX  ADVISORY  WRITE 4713 08:01:1234 1073741825 1073741825',
      '3: FLOCK  ADVISORY  WRITE 4714 08:01:1234 0 EOF',
      '4: POSIX  ADVISORY  WRITE 4715 fe:00:99 0 EOF',
      '5: OFDLCK ADVISORY  WRITE -1 fe:00:98 120 120',
      '',
    ].join('\n');
    expect(parseLocks(text)).toEqual([
      { pid: 4711, inode: 1234, from: 1073741825, to: 1073741825 },
      { pid: 4715, inode: 99, from: 0, to: Number.POSITIVE_INFINITY },
      { pid: -1, inode: 98, from: 120, to: 120 },
    ]);
  });
});

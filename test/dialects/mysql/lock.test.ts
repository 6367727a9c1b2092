import { afterEach, describe, expect, it } from 'vitest';
import { Stop } from '../../../src/core/stop.js';
import { upgrade } from '../../../src/core/upgrade.js';
import { loadDialect, parseUri } from '../../../src/dialects/index.js';
import { acquireLock, lockName } from '../../../src/dialects/mysql/lock.js';
import { ExitCode } from '../../../src/errors.js';
import { availableServers, type Database, databaseAt, kinds } from '../../support/databases.js';
import { ordinalOf } from '../../support/fixtures.js';
import { nameOf, otherSession } from '../../support/other-session.js';

describe('the name of the lock', () => {
  it.each(['mlflow', 'MLflow', 'x'.repeat(64), `${'x'.repeat(63)}y`, 'datenbänke'])(
    'of %s fits',
    async (database) => {
      const name = await lockName(database);
      expect(name.length).toBeLessThanOrEqual(64);
      expect(name).toContain('mltrack:');
    },
  );

  it('tells long names apart, and case not', async () => {
    const names = ['x'.repeat(64), `${'x'.repeat(63)}y`, `${'x'.repeat(62)}yx`];
    expect(new Set(await Promise.all(names.map(lockName))).size).toBe(3);
    expect(await lockName('MLflow')).toBe(await lockName('mlflow'));
  });
});

describe('a server that does not lock', () => {
  const session = (answer: () => Promise<Record<string, unknown>[]>) => ({
    place: 'mysql://u@h/d',
    interrupted: false,
    query: answer as never,
  });

  it.each([
    ['answers NULL', async () => [{ got: null }]],
    [
      'raises an error, as Galera does',
      () => Promise.reject(new Error("This version doesn't yet support 'GET_LOCK in cluster'")),
    ],
  ])('%s: mltrack says so and stops', async (_name, answer) => {
    await expect(acquireLock(session(answer), 'd', { lockWaitMs: 60_000 })).rejects.toMatchObject({
      exitCode: ExitCode.blocked,
      message: expect.stringMatching(/mysql:\/\/u@h\/d: the server refuses GET_LOCK/),
    });
  });
});

describe.each(availableServers().filter((kind) => kinds[kind].dialect === 'mysql'))('%s', (kind) => {
  let database: Database;
  afterEach(() => database.drop());

  it('keeps no lock while a person is asked about rows that came while it waited for its turn', async () => {
    const widened = '2d6e25af4d3e';
    database = await databaseAt(kind, ordinalOf(widened) - 1);
    await database.run(
      "INSERT INTO experiments (experiment_id, name) VALUES (1, 'one')",
      "INSERT INTO runs (run_uuid, experiment_id, status) VALUES ('r1', 1, 'FINISHED')",
    );
    const other = await otherSession(database);
    const name = await lockName(nameOf(database));
    await other.run(`SELECT GET_LOCK('${name}', 0)`);
    const dialect = await loadDialect('mysql');
    const session = await dialect.connect(parseUri(database.uri), {
      lockWaitMs: 60_000,
      onWait: () =>
        void database
          .run("INSERT INTO params (`key`, value, run_uuid) VALUES ('p', '1', 'r1')")
          .then(() => other.end()),
    });
    const held: unknown[] = [];
    const asked = upgrade(session, {
      ...{ to: widened, yes: false, confirm: [], stop: new Stop(), listen: () => {} },
      ask: async (questions) => {
        const lock = `SELECT IS_USED_LOCK('${name}') AS holder`;
        held.push(
          questions.map(({ key }) => key),
          await database.rows(lock),
        );
        return true;
      },
    });
    await asked.finally(() => session.close());
    expect(held).toEqual([[widened], [{ holder: null }]]);
    expect(await database.rows('SELECT version_num FROM alembic_version')).toEqual([
      { version_num: widened },
    ]);
  });
});

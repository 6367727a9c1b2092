import { afterEach, describe, expect, inject, it } from 'vitest';
import { Stop } from '../../../src/core/stop.js';
import { upgrade } from '../../../src/core/upgrade.js';
import { loadDialect, parseUri } from '../../../src/dialects/index.js';
import { lockKey } from '../../../src/dialects/postgres/lock.js';
import { dbUpgrade, expectDone, expectRefusal, mltrack, start } from '../../support/cli.js';
import { createDatabase, type Database, databaseAt } from '../../support/databases.js';
import { goldenAt, ordinalOf, revisionAt, stateCount } from '../../support/fixtures.js';
import { goldenOf } from '../../support/golden.js';
import { otherSession } from '../../support/other-session.js';
import { allRows } from '../../support/rows.js';
import { thorough } from '../../support/share.js';
import { schemaOf } from '../../support/upgrade.js';

const preload = new URL('../../support/dies-at.mjs', import.meta.url).href;
/** Every table counts as big. */
const online = ['--online', '--online-from', '0', '--yes'];
const index = 'index_metrics_run_uuid_key_step';
const indexed = 'a5b4c3d2e1f0';
const before = ordinalOf(indexed) - 1;

const rows = [
  "INSERT INTO experiments (experiment_id, name) VALUES (1, 'one')",
  "INSERT INTO runs (run_uuid, experiment_id, status) VALUES ('r1', 1, 'FINISHED')",
  "INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan) VALUES ('m', 1, 1, 'r1', 1, false), ('m', 2, 2, 'r1', 2, false)",
];
const traces = [
  "INSERT INTO trace_info (request_id, experiment_id, timestamp_ms, status) VALUES ('t1', 1, 5, 'OK')",
  "INSERT INTO trace_tags (key, value, request_id) VALUES ('mlflow.traceName', 'ask', 't1')",
];

describe.runIf(inject('postgresql'))('PostgreSQL: an upgrade online', () => {
  let database: Database;
  afterEach(() => database.drop());

  const filledAt = async (ordinal: number, ...more: readonly string[]) => {
    database = await databaseAt('postgresql', ordinal);
    await database.run(...rows, ...more);
  };
  const expectHead = async () => {
    expect(goldenOf(await schemaOf(database))).toEqual(goldenAt(stateCount - 1, 'postgresql'));
    expect(await database.rows('SELECT version_num FROM alembic_version')).toEqual([
      { version_num: revisionAt(stateCount - 1) },
    ]);
    expect(await unfinished()).toEqual([]);
  };
  const unfinished = () =>
    database.rows(
      `SELECT indexrelid::regclass::text AS name FROM pg_index WHERE NOT indisvalid
       UNION SELECT conname FROM pg_constraint WHERE NOT convalidated OR conname LIKE 'mltrack%'`,
    );
  const builds = () =>
    database.rows(
      `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
       AND query LIKE 'CREATE INDEX CONCURRENTLY ${index}%'`,
    );
  const until = async (condition: () => Promise<boolean>) => {
    while (!(await condition())) await new Promise((done) => setTimeout(done, 50));
  };

  it('asks first, and then does it', async () => {
    await filledAt(before);
    const args = [database.uri, '--online', '--online-from', '0', '--to', indexed];
    expectRefusal(await dbUpgrade(args), 6, /not all or nothing.*stamped/, /--confirm online/);
    const plan = await mltrack(['db', 'plan', ...args]);
    expectDone(plan);
    expect(plan.stdout).toMatch(
      new RegExp(
        `CREATE INDEX CONCURRENTLY ${index}.*\\n +metrics: SHARE UPDATE EXCLUSIVE, online, nobody waits`,
      ),
    );
    expect(plan.stdout).toContain('must be agreed to: with --online');
    expectDone(await dbUpgrade([...args, '--confirm', 'online']));
    expect(await unfinished()).toEqual([]);
    // A table of this size is not big otherwise.
    const small = await mltrack(['db', 'plan', database.uri, '--online']);
    expect(small.stdout).not.toContain('CONCURRENTLY');
  });

  it('holds no lock while a person is asked, also about rows that came while it waited for its turn', async () => {
    const widened = '2d6e25af4d3e';
    await filledAt(ordinalOf(widened) - 1);
    const other = await otherSession(database);
    await other.run(`SELECT pg_advisory_lock(${lockKey})`);
    const dialect = await loadDialect('postgresql');
    const session = await dialect.connect(parseUri(database.uri), {
      ...{ lockWaitMs: 60_000, online: { bigFrom: 0 } },
      onWait: () =>
        void database
          .run("INSERT INTO params (key, value, run_uuid) VALUES ('p', '1', 'r1')")
          .then(() => other.end()),
    });
    const held: unknown[] = [];
    const asked = upgrade(session, {
      ...{ to: widened, yes: false, confirm: ['online'], stop: new Stop(), listen: () => {} },
      ask: async (questions) => {
        // pg_locks tells of every database of the server, and other tests hold locks in theirs.
        const locks = `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
        held.push(
          questions.map(({ key }) => key),
          await database.rows(locks),
        );
        return true;
      },
    });
    await asked.finally(() => session.close());
    expect(held).toEqual([[widened], []]);
    expect(await database.rows('SELECT version_num FROM alembic_version')).toEqual([
      { version_num: widened },
    ]);
  });

  it('lets others write while an index waits for an old transaction, and says whose it is', async () => {
    await filledAt(before);
    const old = await otherSession(database);
    await old.run('BEGIN ISOLATION LEVEL REPEATABLE READ');
    const [{ pid }] = (await old.run('SELECT pg_backend_pid() AS pid, count(*) FROM metrics')) as [
      { pid: number },
    ];
    const run = start(['db', 'upgrade', database.uri, ...online, '--to', indexed]);
    await run.until(`waits for a transaction to end: process ${pid} of `);
    expect(await builds()).toHaveLength(1);
    await database.run("INSERT INTO metrics VALUES ('m', 3, 3, 'r1', 3, false)");
    expect(await builds()).toHaveLength(1);
    await old.run('COMMIT');
    await old.end();
    expectDone(await run.ended);
    expect(await unfinished()).toEqual([]);
  });

  it.each([
    ['without --online', ['--yes']],
    ['with it', online],
  ])(
    'that was killed in an index leaves it INVALID, and the next run %s builds it anew',
    async (_name, how) => {
      await filledAt(before);
      const old = await otherSession(database);
      await old.run('BEGIN ISOLATION LEVEL REPEATABLE READ');
      await old.run('SELECT count(*) FROM metrics');
      const run = start(['db', 'upgrade', database.uri, ...online]);
      await until(async () => (await builds()).length === 1);
      run.child.kill('SIGKILL');
      await run.ended;
      const [{ pid }] = (await builds()) as [{ pid: number }];
      // What the server does by itself once it notices that its client has gone.
      await database.rows(`SELECT pg_terminate_backend(${pid}, 5000)`);
      await old.end();
      expect(await unfinished()).toEqual([{ name: index }]);
      expectDone(await dbUpgrade([database.uri, ...how]));
      await expectHead();
    },
  );

  it('gives up after --lock-wait, stands between two revisions, and names who holds it', async () => {
    await filledAt(before);
    const old = await otherSession(database);
    await old.run('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await old.run('SELECT count(*) FROM metrics');
    const run = await dbUpgrade([database.uri, ...online, '--to', indexed, '--lock-wait', '1s']);
    expectRefusal(run, 7, /lock timeout; what was done before it stays; the database stands between/);
    await old.end();
    expect(await unfinished()).toEqual([{ name: index }]);
    expectDone(await dbUpgrade([database.uri, ...online]));
    await expectHead();
  });

  it.each([
    [
      '--statement-timeout',
      ['--statement-timeout', '1s'],
      undefined,
      10,
      /ran longer than --statement-timeout/,
    ],
    ['Ctrl-C', [], 'SIGINT', 130, /stopped/],
  ] as const)(
    'that %s ends in an index says how it stands, and the next run builds that anew',
    async (_name, options, signal, code, says) => {
      await filledAt(before);
      const old = await otherSession(database);
      await old.run('BEGIN ISOLATION LEVEL REPEATABLE READ');
      await old.run('SELECT count(*) FROM metrics');
      const run = start(['db', 'upgrade', database.uri, ...online, '--to', indexed, ...options]);
      if (signal) {
        await until(async () => (await builds()).length === 1);
        run.child.kill(signal);
      }
      const ended = await run.ended;
      expectRefusal(ended, code, says, /what was done before it stays|the database stands/);
      await until(async () => (await builds()).length === 0);
      await old.end();
      expect(await unfinished()).toEqual([{ name: index }]);
      expectDone(await dbUpgrade([database.uri, ...online]));
      await expectHead();
    },
  );

  it("leaves a user's INVALID index and unchecked constraint as they are", async () => {
    await filledAt(before);
    await database.run(
      'CREATE INDEX mine ON metrics (value)',
      "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'mine'::regclass",
      'ALTER TABLE runs ADD CONSTRAINT mine_too CHECK (name IS NOT NULL) NOT VALID',
    );
    expectDone(await dbUpgrade([database.uri, ...online]));
    expect(await unfinished()).toEqual([{ name: 'mine' }, { name: 'mine_too' }]);
  });

  const places = thorough ? Array.from({ length: 12 }, (_, i) => 1 + i * 30) : [8, 150];
  it(`is carried on by the next run wherever it was killed, at ${places.length} places`, async () => {
    await filledAt(ordinalOf('867495a8f9d4'), ...traces);
    const undisturbed = await createCopy();
    expectDone(await dbUpgrade([undisturbed.uri, '--yes']));
    const expected = await allRows(undisturbed);
    await undisturbed.drop();
    let killed = 0;
    for (const place of places) {
      await database.drop();
      await filledAt(ordinalOf('867495a8f9d4'), ...traces);
      const env = { NODE_OPTIONS: `--import=${preload}`, MLTRACK_TEST_DIES: `change:${place}` };
      const run = await dbUpgrade([database.uri, ...online], { env });
      if (run.code === 0) break;
      expect(run.code).toBe(null);
      killed++;
      expectDone(await dbUpgrade([database.uri, ...(place % 4 === 0 ? online : ['--yes'])]));
      await expectHead();
      expect(await allRows(database), `killed before change ${place}`).toEqual(expected);
    }
    expect(killed).toBeGreaterThan(1);
  });

  const createCopy = async (): Promise<Database> => {
    const copy = await databaseAt('postgresql', ordinalOf('867495a8f9d4'));
    await copy.run(...rows, ...traces);
    return copy;
  };

  it('creates an empty database as ever', async () => {
    database = await createDatabase('postgresql');
    expectDone(await dbUpgrade([database.uri, '--online']));
    await expectHead();
  });
});

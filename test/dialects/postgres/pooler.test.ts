import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { dbUpgrade, expectDone, expectRefusal, mltrack, start } from '../../support/cli.js';
import { type Database, databaseAt } from '../../support/databases.js';
import { goldenAt, revisionAt, stateCount } from '../../support/fixtures.js';
import type { SharedServer } from '../../support/global-setup.js';
import { goldenOf } from '../../support/golden.js';
import { otherSession } from '../../support/other-session.js';
import { hasPgbouncer, type Pooler, startPgbouncer } from '../../support/pgbouncer.js';
import { fewOf, thorough } from '../../support/share.js';
import { schemaOf } from '../../support/upgrade.js';

const server = inject('postgresql');
if (server && !hasPgbouncer) console.error('\n!!! PgBouncer is not installed, its tests are LEFT OUT\n');
const head = stateCount - 1;
const modes = ['transaction', 'session'] as const;

describe.runIf(server && hasPgbouncer)('postgresql: behind PgBouncer', () => {
  let pooler: Pooler;
  let database: Database;
  let uri: string;
  afterEach(async () => {
    await pooler.stop();
    await database.drop();
  });

  /** A database with a run at a state, and the way to it through a pooler. */
  const made = async (ordinal: number, mode: (typeof modes)[number], size: number) => {
    pooler = await startPgbouncer(server as SharedServer, mode, size);
    database = await databaseAt('postgresql', ordinal);
    await database.run(
      "INSERT INTO experiments (name) VALUES ('one')",
      "INSERT INTO runs (run_uuid, experiment_id, status) VALUES ('r1', 1, 'FINISHED')",
    );
    uri = pooler.behind(database.uri);
  };
  const stamp = async () => (await database.rows('SELECT version_num FROM alembic_version'))[0]?.version_num;
  const finished = async () => {
    expect(goldenOf(await schemaOf(database))).toEqual(goldenAt(head, 'postgresql'));
    expect(await stamp()).toBe(revisionAt(head));
  };
  /** What another client finds on the connection that it gets: settings, statements, locks. */
  const left = async () => {
    const client = new pg.Client({ connectionString: uri.replace('+psycopg2', '') });
    await client.connect();
    const { rows } = await client.query(
      `SELECT name, setting FROM pg_settings WHERE source = 'session' AND name <> 'application_name'
       UNION ALL SELECT 'prepared', statement FROM pg_prepared_statements
       UNION ALL SELECT locktype, mode FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory'
       ORDER BY 1, 2`,
    );
    await client.end();
    return rows;
  };

  it.each(modes)('by %s: two upgrades at once, of which one waits for the other', async (mode) => {
    await made(22, mode, 6);
    const both = await Promise.all([dbUpgrade([uri, '--yes']), dbUpgrade([uri, '--yes'])]);
    for (const one of both) expectDone(one);
    await finished();
  });

  it.runIf(thorough)('leaves nothing on a connection that others get next', async () => {
    await made(22, 'transaction', 1);
    const before = await left();
    for (const command of [
      ['db', 'status', uri],
      ['db', 'plan', uri],
      ['db', 'check', uri, '--rows'],
      ['db', 'upgrade', uri, '--to', '3.16', '--yes', '--statement-timeout', '60s'],
      ['db', 'upgrade', uri, '--prepopulate', '--yes'],
      ['db', 'downgrade', uri, '--to', '3.10', '--yes'],
      ['db', 'upgrade', uri, '--yes'],
      ['db', 'repair', uri, '--yes'],
      ['gc', uri, '--yes'],
    ]) {
      if (command[0] === 'gc')
        await database.run("UPDATE runs SET lifecycle_stage = 'deleted', deleted_time = 1");
      const run = await mltrack(command);
      expect.soft([command, run.code, run.stderr.slice(-300)]).toEqual([command, 0, expect.anything()]);
      expect.soft([command, await left()]).toEqual([command, before]);
    }
    expect(await stamp()).toBe(revisionAt(head));
    expect(await database.rows('SELECT run_uuid FROM runs')).toEqual([]);
  });

  it.each(fewOf(modes, 1))('by %s: is refused with --online, before anything changes', async (mode) => {
    await made(52, mode, 2);
    expectRefusal(
      await dbUpgrade([uri, '--online', '--yes']),
      10,
      /a pooler is in between.*connect to the server itself.*nothing was changed/s,
    );
    expect(await stamp()).toBe(revisionAt(52));
  });

  it('is stopped by Ctrl-C, also in a statement that waits', async () => {
    await made(52, 'transaction', 4);
    const other = await otherSession(database);
    await other.run('BEGIN');
    await other.run('LOCK TABLE alembic_version IN EXCLUSIVE MODE');
    const run = start(['db', 'upgrade', uri, '--yes', '--lock-timeout', '10m', '--lock-wait', '10m']);
    const waiting = () =>
      database.rows(
        `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'mltrack'
         AND wait_event_type = 'Lock'`,
      );
    while (run.child.exitCode === null && (await waiting()).length === 0) await sleep(50);
    run.child.kill('SIGINT');
    expectRefusal(await run.ended, 130, /stopped by SIGINT/);
    expect(await waiting()).toEqual([]);
    await other.end();
    expect(await stamp()).toBe(revisionAt(52));
  });

  it.runIf(thorough)(
    'gets its missing indexes inside a repair, whose lock would not hold outside',
    async () => {
      await made(head, 'transaction', 2);
      await database.run('DROP INDEX index_metrics_run_uuid');
      const run = await mltrack(['db', 'repair', uri, '--yes']);
      expectDone(run);
      await finished();
    },
  );
});

import { afterEach, describe, expect, it } from 'vitest';
import { downgrade } from '../src/core/downgrade.js';
import type { UpgradeEvent } from '../src/core/events.js';
import { Stop } from '../src/core/stop.js';
import { ExitCode } from '../src/errors.js';
import { account, additions, seed } from './support/additions.js';
import { type Database, databaseAt, kinds, openSession } from './support/databases.js';
import { goldenAt, ordinalOf } from './support/fixtures.js';
import { goldenOf } from './support/golden.js';
import { longRunners } from './support/share.js';
import { snapshot } from './support/snapshot.js';
import { schemaOf, upgradeDatabase } from './support/upgrade.js';

async function goBack(
  database: Database,
  to: string,
  stop = new Stop(),
  hear?: (event: UpgradeEvent) => void,
) {
  const { session } = await openSession(database);
  try {
    return await downgrade(session, { to, yes: true, stop, listen: (event) => hear?.(event) });
  } finally {
    await session.close();
  }
}

const trace = [
  "INSERT INTO experiments (experiment_id, name) VALUES (1, 'one')",
  "INSERT INTO trace_info (request_id, experiment_id, timestamp_ms, status) VALUES ('t', 1, 5, 'OK')",
];

describe.each(longRunners())('%s: rows that revisions made themselves', (kind) => {
  const { quote, transactional } = kinds[kind];
  let database: Database;
  afterEach(() => database.drop());

  it('90e64c465722 leaves its tags', async () => {
    database = await databaseAt(kind, 1);
    await database.run(
      "INSERT INTO experiments (experiment_id, name) VALUES (1, 'one')",
      "INSERT INTO runs (run_uuid, experiment_id, user_id) VALUES ('r', 1, 'me')",
    );
    await upgradeDatabase(database, '+1');
    const tags = () => database.rows(`SELECT ${quote('key')}, value, run_uuid FROM tags`);
    const tagged = await tags();
    expect(tagged).toEqual([{ key: 'mlflow.user', value: 'me', run_uuid: 'r' }]);
    await goBack(database, '-1');
    expect(await tags()).toEqual(tagged);
    await upgradeDatabase(database, '+1');
    expect(await tags()).toEqual(tagged);
  });

  it('89d4b8295536 stays where a latest metric is not among the metrics', async () => {
    database = await databaseAt(kind, 5);
    const no = kind === 'postgresql' ? 'false' : '0';
    await database.run(
      "INSERT INTO experiments (experiment_id, name) VALUES (1, 'one')",
      "INSERT INTO runs (run_uuid, experiment_id) VALUES ('r', 1)",
      `INSERT INTO metrics (${quote('key')}, value, timestamp, run_uuid, step) VALUES ('m', 1.5, 1, 'r', 1), ('m', 2.5, 1, 'r', 2)`,
    );
    await upgradeDatabase(database, '+1');
    await goBack(database, '-1');
    await upgradeDatabase(database, '+1');
    await database.run(
      `INSERT INTO latest_metrics (${quote('key')}, value, timestamp, step, is_nan, run_uuid) VALUES ('other', 1, 1, 1, ${no}, 'r')`,
    );
    await expect(goBack(database, '-1')).rejects.toThrow(
      /89d4b8295536 .*1 row of latest_metrics .*key=other, run_uuid=r/,
    );
  });

  it('75868b020152 stays where a column says more than what it was made of', async () => {
    database = await databaseAt(kind, ordinalOf('b7e2c1a4d9f3'));
    const yes = kind === 'postgresql' ? 'true' : '1';
    await database.run(
      ...trace,
      `INSERT INTO assessments (assessment_id, trace_id, name, assessment_type, value, created_timestamp, last_updated_timestamp, source_type, valid) VALUES ('a', 't', 'n', 'feedback', '0.5', 1, 1, 'HUMAN', ${yes})`,
    );
    await upgradeDatabase(database, '+1');
    await goBack(database, '-1');
    await upgradeDatabase(database, '+1');
    await database.run(
      'UPDATE assessments SET aggregate_value = 2',
      "UPDATE trace_info SET session_id = 's'",
    );
    const before = await snapshot(database);
    const error = await goBack(database, '-1').catch((thrown: Error) => thrown);
    expect((error as Error).message).toMatch(/1 row of trace_info .*trace_info\.session_id.*request_id=t/);
    expect((error as Error).message).toMatch(/1 row of assessments .*assessment_id=a/);
    expect(await snapshot(database)).toEqual(before);
  });

  it('8b6ad64cb8f5 stays where an issue was seen later, or its categories differ', async () => {
    database = await databaseAt(kind, ordinalOf('e7d1f4b2a9c6'));
    const issue = (id: string) =>
      `INSERT INTO issues (issue_id, experiment_id, name, description, status, categories, created_timestamp, last_updated_timestamp) VALUES ('${id}', 1, 'n', 'd', 'open', '["Slow","A_b"]', 7, 8)`;
    await database.run(trace[0] as string, issue('i'), issue('j'));
    await upgradeDatabase(database, '+1');
    await goBack(database, '-1');
    await upgradeDatabase(database, '+1');
    await database.run(
      "UPDATE issues SET last_seen_timestamp = 9 WHERE issue_id = 'i'",
      `UPDATE issues SET categories = '["Slow"]' WHERE issue_id = 'j'`,
    );
    const error = (await goBack(database, '-1').catch((thrown: Error) => thrown)) as Error;
    expect(error.message).toMatch(/1 row of issues .*last_seen_timestamp.*issue_id=i/);
    expect(error.message).toMatch(/1 row of issue_categories .*issue_id=j, category=A_b/);
  });

  it('dc11669786a5 leaves canceled jobs canceled', async () => {
    database = await databaseAt(kind, ordinalOf('75868b020152'));
    await database.run(
      "INSERT INTO jobs (id, creation_time, job_name, params, status, retry_count, last_update_time) VALUES ('j', 1, 'n', '{}', 1, 0, 1)",
    );
    await upgradeDatabase(database, '+1');
    await goBack(database, '-1');
    expect(await database.rows('SELECT id, status FROM jobs')).toEqual([{ id: 'j', status: 5 }]);
  });

  it('what a user added survives', async () => {
    database = await databaseAt(kind, ordinalOf('acf3f17fdcc7'));
    await database.run(...seed(kind), ...additions(kind));
    const tell = () => Promise.all(account[kind].map((sql) => database.rows(sql)));
    const before = await tell();
    await upgradeDatabase(database);
    await goBack(database, 'acf3f17fdcc7');
    expect(await tell()).toEqual(before);
    const found = goldenOf(await schemaOf(database));
    const expected = goldenAt(ordinalOf('acf3f17fdcc7'), kind);
    for (const name of Object.keys(expected))
      if (!['runs', 'params', 'experiments'].includes(name))
        expect(found[name], name).toEqual(expected[name]);
  });

  it('a stop comes between statements', async () => {
    database = await databaseAt(kind, ordinalOf('1b5f0d9ad7c1'));
    const before = await snapshot(database);
    const stop = new Stop();
    const stopped = goBack(database, '-3', stop, (event) => {
      if (event.event === 'start') stop.request('SIGTERM');
    });
    await expect(stopped).rejects.toMatchObject({ exitCode: ExitCode.terminated });
    if (transactional) expect(await snapshot(database)).toEqual(before);
    await goBack(database, 'd0e1f2a3b4c5');
    expect(goldenOf(await schemaOf(database))).toEqual(goldenAt(ordinalOf('d0e1f2a3b4c5'), kind));
  });
});

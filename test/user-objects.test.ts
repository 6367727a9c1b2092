import { afterEach, describe, expect, it } from 'vitest';
import { ExitCode } from '../src/errors.js';
import { account, additions, seed } from './support/additions.js';
import { availableServers, type Database, databaseAt, kinds, type ServerKind } from './support/databases.js';
import { goldenAt, stateCount } from './support/fixtures.js';
import { goldenOf } from './support/golden.js';
import { allRows } from './support/rows.js';
import { bundled } from './support/share.js';
import { snapshot } from './support/snapshot.js';
import { schemaOf, upgradeDatabase } from './support/upgrade.js';

const head = stateCount - 1;

/** A part of an index on spans.dimension_attributes. */
const indexable: Readonly<Record<ServerKind, string>> = {
  sqlite: '(dimension_attributes)',
  postgresql: '(dimension_attributes::text)',
  mysql: '(CAST(dimension_attributes AS CHAR(50)))',
  mariadb: 'dimension_attributes(50)',
};

const signal =
  "CREATE TRIGGER no BEFORE UPDATE ON jobs FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'not today'";

/** Makes dc11669786a5 fail, which cancels jobs. */
const refuseUpdates: Readonly<Record<ServerKind, readonly string[]>> = {
  sqlite: ["CREATE TRIGGER no BEFORE UPDATE ON jobs BEGIN SELECT RAISE(ABORT, 'not today'); END"],
  postgresql: [
    "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not today'; END $$",
    'CREATE TRIGGER no BEFORE UPDATE ON jobs FOR EACH ROW EXECUTE FUNCTION no()',
  ],
  mysql: [signal],
  mariadb: [signal],
};

describe.each(bundled())('%s: what a user added', (kind) => {
  const { quote, transactional } = kinds[kind];
  let database: Database;
  afterEach(() => database.drop());

  // At the base, without a stamp, tables of others are refused: test/cli/stamps.test.ts.
  it.each([1, 5, 16, 23, 48, 65])('survives an upgrade from state %i', async (ordinal) => {
    database = await databaseAt(kind, ordinal);
    await database.run(...seed(kind), ...additions(kind));
    const tell = () => Promise.all(account[kind].map((sql) => database.rows(sql)));
    const before = await tell();
    expect(before.every((rows) => rows.length > 0)).toBe(true);
    await upgradeDatabase(database);
    expect(await tell()).toEqual(before);
    const found = goldenOf(await schemaOf(database));
    const expected = goldenAt(head, kind);
    // Tables the user did not touch are exactly MLflow's.
    for (const name of Object.keys(expected))
      if (!['runs', 'params', 'experiments'].includes(name))
        expect(found[name], name).toEqual(expected[name]);
    if (kind === 'sqlite') {
      expect(await database.rows('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
      expect(await database.rows('PRAGMA foreign_key_check')).toEqual([]);
    }
  });

  it('an index of MLflow that is there already, as it will be, is no obstacle', async () => {
    database = await databaseAt(kind, 48);
    await database.run(
      `CREATE INDEX index_metrics_run_uuid_key_step ON metrics (run_uuid, ${quote('key')}, step)`,
    );
    await upgradeDatabase(database);
    expect(goldenOf(await schemaOf(database))).toEqual(goldenAt(head, kind));
  });

  it('an index that MLflow drops and a user dropped before is no obstacle', async () => {
    database = await databaseAt(kind, 41);
    await database.run(
      `DROP INDEX index_jobs_function_status_creation_time${kinds[kind].dialect === 'mysql' ? ' ON jobs' : ''}`,
    );
    await upgradeDatabase(database);
    expect(goldenOf(await schemaOf(database))).toEqual(goldenAt(head, kind));
  });

  it.each([
    [
      'a foreign key on registered_models(name)',
      40,
      ['CREATE TABLE mine (name VARCHAR(256), FOREIGN KEY (name) REFERENCES registered_models (name))'],
      /mine.*registered_models\(name\)/,
    ],
    [
      'an index on a column that goes',
      65,
      [`CREATE INDEX mine ON spans (trace_id, ${indexable[kind]})`],
      /dimension_attributes/,
    ],
    [
      'a column that MLflow adds',
      16,
      ['ALTER TABLE runs ADD COLUMN deleted_time TEXT'],
      /runs\.deleted_time is already there/,
    ],
    ['a table that MLflow adds', 30, ['CREATE TABLE jobs (id INTEGER)'], /table jobs is already there/],
    [
      'another index of that name',
      48,
      ['CREATE INDEX index_metrics_run_uuid_key_step ON metrics (step)'],
      /index_metrics_run_uuid_key_step/,
    ],
    [
      'an analytics column of another shape',
      65,
      ['ALTER TABLE trace_info ADD COLUMN input_tokens TEXT'],
      /trace_info\.input_tokens .*type differs/,
    ],
  ])('%s is named beforehand, and nothing changes', async (_name, ordinal, statements, says) => {
    database = await databaseAt(kind, ordinal);
    await database.run(...statements);
    const before = await snapshot(database);
    await expect(upgradeDatabase(database)).rejects.toMatchObject({
      exitCode: ExitCode.blocked,
      message: expect.stringMatching(says),
    });
    expect(await snapshot(database)).toEqual(before);
  });

  it('columns that MLflow prepopulated are taken over', async () => {
    database = await databaseAt(kind, 65);
    await database.run(
      `ALTER TABLE trace_info ADD COLUMN trace_name VARCHAR(4096)`,
      `ALTER TABLE trace_info ADD COLUMN session_id VARCHAR(250)`,
    );
    await upgradeDatabase(database);
    expect(goldenOf(await schemaOf(database))).toEqual(goldenAt(head, kind));
  });

  it('rows that MLflow refuses are named beforehand', async () => {
    database = await databaseAt(kind, 65);
    await database.run(
      "INSERT INTO experiments (experiment_id, name) VALUES (1, 'one')",
      "INSERT INTO trace_info (request_id, experiment_id, timestamp_ms, status) VALUES ('t1', 1, 0, 'OK')",
      `INSERT INTO spans (trace_id, experiment_id, span_id, status, start_time_unix_nano, content, dimension_attributes)
       VALUES ('t1', 1, 's1', 'OK', 0, '{}', '{"colour": "red"}')`,
    );
    const before = await snapshot(database);
    await expect(upgradeDatabase(database)).rejects.toMatchObject({
      exitCode: ExitCode.blocked,
      message: expect.stringMatching(/t1\/s1 .*colour/),
    });
    expect(await snapshot(database)).toEqual(before);
  });

  it(
    transactional
      ? 'a step that fails late takes everything back'
      : 'after a step that failed late the next run goes on',
    async () => {
      database = await databaseAt(kind, 40);
      await database.run(
        ...seed(kind),
        "INSERT INTO jobs (id, creation_time, function_fullname, params, status, retry_count, last_update_time) VALUES ('j', 0, 'f', '{}', 0, 0, 0)",
        ...refuseUpdates[kind],
      );
      const [schema, rows] = [goldenOf(await schemaOf(database)), await allRows(database)];
      await expect(upgradeDatabase(database)).rejects.toThrow(/not today/);
      if (transactional) {
        expect(goldenOf(await schemaOf(database))).toEqual(schema);
        expect(await allRows(database)).toEqual(rows);
      }
      await database.run(`DROP TRIGGER no${kind === 'postgresql' ? ' ON jobs' : ''}`);
      await upgradeDatabase(database);
      expect(goldenOf(await schemaOf(database))).toEqual(goldenAt(head, kind));
      expect(await database.rows('SELECT status FROM jobs')).not.toEqual([{ status: 0 }]);
    },
  );
});

describe('sqlite: dangling rows', () => {
  let database: Database;
  afterEach(() => database.drop());

  it('old ones, and their copies, are reported and stay', async () => {
    database = await databaseAt('sqlite', 5);
    await database.run(
      "INSERT INTO metrics (key, value, timestamp, run_uuid, step) VALUES ('m', 1.5, 1, 'gone', 0)",
    );
    const { events } = await upgradeDatabase(database);
    const warnings = events.flatMap((event) => (event.event === 'warning' ? [event.message] : []));
    expect(warnings).toEqual(
      expect.arrayContaining([expect.stringMatching(/1 missing key in metrics → runs/)]),
    );
    expect(await database.rows('SELECT run_uuid FROM latest_metrics')).toEqual([{ run_uuid: 'gone' }]);
  });

  it('are known again where their foreign key has got a column', async () => {
    // 1b5f0d9ad7c1 adds the workspace to the key of a registered model.
    database = await databaseAt('sqlite', 48);
    await database.run("INSERT INTO model_versions (name, version) VALUES ('gone', 1)");
    const { events } = await upgradeDatabase(database);
    const warnings = events.flatMap((event) => (event.event === 'warning' ? [event.message] : []));
    expect(warnings).toEqual([expect.stringMatching(/1 missing key in model_versions → registered_models/)]);
    expect(await database.rows('SELECT workspace, name FROM model_versions')).toEqual([
      { workspace: 'default', name: 'gone' },
    ]);
  });
});

describe.skipIf(!availableServers().includes('postgresql'))('postgresql: views', () => {
  let database: Database;
  afterEach(() => database.drop());

  it.each([
    ['a view', 'CREATE VIEW mine AS SELECT value FROM params'],
    ['a materialized view', 'CREATE MATERIALIZED VIEW mine AS SELECT value FROM params'],
  ])('%s over a column whose type changes is named beforehand', async (_name, sql) => {
    database = await databaseAt('postgresql', 16);
    await database.run(sql);
    const before = await snapshot(database);
    await expect(upgradeDatabase(database)).rejects.toMatchObject({
      exitCode: ExitCode.blocked,
      message: expect.stringMatching(/view .*mine.*params\.value/),
    });
    expect(await snapshot(database)).toEqual(before);
  });
});

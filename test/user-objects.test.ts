import { afterEach, describe, expect, it } from 'vitest';
import { ExitCode } from '../src/errors.js';
import { availableDialects, type Database, databaseAt } from './support/databases.js';
import { goldenAt, stateCount } from './support/fixtures.js';
import { goldenOf } from './support/golden.js';
import { allRows } from './support/rows.js';
import { snapshot } from './support/snapshot.js';
import { schemaOf, upgradeDatabase } from './support/upgrade.js';

const head = stateCount - 1;

const seed = [
  "INSERT INTO experiments (experiment_id, name) VALUES (1, 'one')",
  "INSERT INTO runs (run_uuid, experiment_id, status) VALUES ('r1', 1, 'FINISHED'), ('r2', 1, 'RUNNING')",
  "INSERT INTO params (key, value, run_uuid) VALUES ('lr', '0.1', 'r1'), ('LR', 'ünï', 'r2')",
];

/** What a user adds to any database: it must be there afterwards, word for word. */
const additions = [
  "ALTER TABLE runs ADD COLUMN team VARCHAR(20) DEFAULT 'none' NOT NULL",
  'ALTER TABLE params ADD COLUMN note TEXT',
  "UPDATE params SET note = 'kept' WHERE run_uuid = 'r1'",
  'CREATE INDEX my_team ON runs (team, start_time DESC)',
  'CREATE UNIQUE INDEX my_partial ON params (run_uuid, key) WHERE note IS NOT NULL',
  'CREATE TABLE owners (run_uuid VARCHAR(32) REFERENCES runs (run_uuid), owner VARCHAR(20))',
  "INSERT INTO owners VALUES ('r1', 'me')",
  'CREATE VIEW my_runs AS SELECT r.run_uuid, r.team, o.owner FROM runs r LEFT JOIN owners o ON o.run_uuid = r.run_uuid',
];

const special = {
  sqlite: [
    'ALTER TABLE experiments ADD COLUMN label TEXT COLLATE NOCASE',
    'CREATE INDEX my_expression ON params (lower(value))',
    "CREATE TRIGGER my_trigger AFTER INSERT ON params BEGIN UPDATE runs SET team = 'touched' WHERE run_uuid = NEW.run_uuid; END",
    'CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT, x TEXT)',
    "INSERT INTO counted VALUES (41, 'a')",
    'CREATE TABLE strict_one (k TEXT PRIMARY KEY, n INTEGER) STRICT, WITHOUT ROWID',
    'PRAGMA user_version = 77',
    'PRAGMA application_id = 4711',
    'ANALYZE',
  ],
  postgresql: [
    "COMMENT ON TABLE runs IS 'ours'",
    "COMMENT ON COLUMN params.value IS 'long'",
    'GRANT SELECT ON metrics TO PUBLIC',
    'CREATE STATISTICS my_statistics ON run_uuid, key FROM params',
    'ALTER TABLE metrics SET (fillfactor = 90)',
    "SELECT setval('experiments_experiment_id_seq', 500)",
    "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.team := 'touched'; RETURN NEW; END $$",
    'CREATE TRIGGER my_trigger BEFORE INSERT ON runs FOR EACH ROW EXECUTE FUNCTION touch()',
  ],
};

/** The server's own account of what the user added. */
const account = {
  sqlite: [
    "SELECT type, name, sql FROM sqlite_master WHERE name LIKE 'my\\_%' ESCAPE '\\' OR name IN ('owners', 'counted', 'strict_one') ORDER BY name",
    'SELECT name, seq FROM sqlite_sequence',
    "SELECT tbl, idx, stat FROM sqlite_stat1 WHERE idx LIKE 'my%' ORDER BY idx",
    'SELECT user_version FROM pragma_user_version',
    'SELECT application_id FROM pragma_application_id',
    'SELECT run_uuid, team, owner FROM my_runs ORDER BY run_uuid',
    'SELECT key, note FROM params ORDER BY key',
    "SELECT sql LIKE '%label TEXT COLLATE NOCASE%' AS collated FROM sqlite_master WHERE name = 'experiments'",
  ],
  postgresql: [
    "SELECT indexdef FROM pg_indexes WHERE indexname LIKE 'my%' ORDER BY 1",
    "SELECT obj_description('runs'::regclass) AS t, col_description('params'::regclass, 2) AS c",
    "SELECT relacl::text, reloptions FROM pg_class WHERE relname = 'metrics'",
    'SELECT stxname FROM pg_statistic_ext',
    'SELECT last_value FROM experiments_experiment_id_seq',
    "SELECT pg_get_triggerdef(oid) AS d FROM pg_trigger WHERE tgname = 'my_trigger'",
    "SELECT pg_get_viewdef('my_runs') AS d",
    'SELECT run_uuid, team, owner FROM my_runs ORDER BY run_uuid',
    'SELECT key, note FROM params ORDER BY key',
  ],
};

describe.each(availableDialects())('%s: what a user added', (dialect) => {
  let database: Database;
  afterEach(() => database.drop());

  // At the base, without a stamp, tables of others are refused: test/cli/stamps.test.ts.
  it.each([1, 5, 16, 23, 48, 65])('survives an upgrade from state %i', async (ordinal) => {
    database = await databaseAt(dialect, ordinal);
    await database.run(...seed, ...additions, ...special[dialect]);
    const tell = () => Promise.all(account[dialect].map((sql) => database.rows(sql)));
    const before = await tell();
    expect(before.every((rows) => rows.length > 0)).toBe(true);
    await upgradeDatabase(database);
    expect(await tell()).toEqual(before);
    const found = goldenOf(await schemaOf(database));
    const expected = goldenAt(head, dialect);
    // Tables the user did not touch are exactly MLflow's.
    for (const name of Object.keys(expected))
      if (!['runs', 'params', 'experiments'].includes(name))
        expect(found[name], name).toEqual(expected[name]);
    if (dialect === 'sqlite') {
      expect(await database.rows('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
      expect(await database.rows('PRAGMA foreign_key_check')).toEqual([]);
    }
  });

  it('an index of MLflow that is there already, as it will be, is no obstacle', async () => {
    database = await databaseAt(dialect, 48);
    await database.run('CREATE INDEX index_metrics_run_uuid_key_step ON metrics (run_uuid, key, step)');
    await upgradeDatabase(database);
    expect(goldenOf(await schemaOf(database))).toEqual(goldenAt(head, dialect));
  });

  it('an index that MLflow drops and a user dropped before is no obstacle', async () => {
    database = await databaseAt(dialect, 41);
    await database.run('DROP INDEX index_jobs_function_status_creation_time');
    await upgradeDatabase(database);
    expect(goldenOf(await schemaOf(database))).toEqual(goldenAt(head, dialect));
  });

  it.each([
    [
      'a foreign key on registered_models(name)',
      40,
      ['CREATE TABLE mine (name VARCHAR(256) REFERENCES registered_models (name))'],
      /mine.*registered_models\(name\)/,
    ],
    [
      'an index on a column that goes',
      65,
      ['CREATE INDEX mine ON spans (trace_id, (dimension_attributes))'],
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
    const json =
      dialect === 'postgresql'
        ? statements.map((sql) => sql.replace('(dimension_attributes)', '(dimension_attributes::text)'))
        : statements;
    database = await databaseAt(dialect, ordinal);
    await database.run(...json);
    const before = await snapshot(database);
    await expect(upgradeDatabase(database)).rejects.toMatchObject({
      exitCode: ExitCode.blocked,
      message: expect.stringMatching(says),
    });
    expect(await snapshot(database)).toEqual(before);
  });

  it('columns that MLflow prepopulated are taken over', async () => {
    database = await databaseAt(dialect, 65);
    await database.run(
      `ALTER TABLE trace_info ADD COLUMN trace_name VARCHAR(4096)`,
      `ALTER TABLE trace_info ADD COLUMN session_id VARCHAR(250)`,
    );
    await upgradeDatabase(database);
    expect(goldenOf(await schemaOf(database))).toEqual(goldenAt(head, dialect));
  });

  it('rows that MLflow refuses are named beforehand', async () => {
    database = await databaseAt(dialect, 65);
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

  it('a step that fails late takes everything back', async () => {
    database = await databaseAt(dialect, 40);
    await database.run(
      ...seed,
      "INSERT INTO jobs (id, creation_time, function_fullname, params, status, retry_count, last_update_time) VALUES ('j', 0, 'f', '{}', 0, 0, 0)",
      ...(dialect === 'sqlite'
        ? ["CREATE TRIGGER no BEFORE UPDATE ON jobs BEGIN SELECT RAISE(ABORT, 'not today'); END"]
        : [
            "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not today'; END $$",
            'CREATE TRIGGER no BEFORE UPDATE ON jobs FOR EACH ROW EXECUTE FUNCTION no()',
          ]),
    );
    const [schema, rows] = [goldenOf(await schemaOf(database)), await allRows(database)];
    await expect(upgradeDatabase(database)).rejects.toThrow(/not today/);
    expect(goldenOf(await schemaOf(database))).toEqual(schema);
    expect(await allRows(database)).toEqual(rows);
  });
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
});

describe.skipIf(!availableDialects().includes('postgresql'))('postgresql: views', () => {
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

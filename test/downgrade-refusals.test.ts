import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type DowngradeOptions, downgrade } from '../src/core/downgrade.js';
import { Stop } from '../src/core/stop.js';
import { ExitCode, type MltrackError } from '../src/errors.js';
import { type Database, databaseAt, kinds, openSession, type ServerKind } from './support/databases.js';
import { goldenAt, ordinalOf } from './support/fixtures.js';
import { goldenOf } from './support/golden.js';
import { longRunners } from './support/share.js';
import { snapshot } from './support/snapshot.js';
import { schemaOf, upgradeDatabase } from './support/upgrade.js';

async function goBack(database: Database, to: string, more: Partial<DowngradeOptions> = {}) {
  const { session } = await openSession(database);
  try {
    return await downgrade(session, {
      ...{ to, yes: true, stop: new Stop(), listen: () => undefined },
      ...more,
    });
  } finally {
    await session.close();
  }
}

const failure = (work: Promise<unknown>): Promise<MltrackError> =>
  work.then(
    () => Promise.reject(new Error('it went through')),
    (error: MltrackError) => error,
  );

/** A database of MLflow 1.28 with one row of each kind that the schemas before cannot hold. */
const old = (kind: ServerKind): string[] => {
  const q = kinds[kind].quote;
  const run = 'run_uuid, experiment_id, source_type, lifecycle_stage';
  return [
    "INSERT INTO experiments (experiment_id, name, lifecycle_stage) VALUES (1, 'one', 'active')",
    `INSERT INTO runs (${run}, status) VALUES ('killed', 1, 'LOCAL', 'active', 'KILLED')`,
    `INSERT INTO runs (${run}, status) VALUES ('fine', 1, 'LOCAL', 'active', 'FINISHED')`,
    `INSERT INTO runs (${run}, status, deleted_time) VALUES ('gone', 1, 'LOCAL', 'deleted', 'FAILED', 17)`,
    `INSERT INTO params (${q('key')}, value, run_uuid) VALUES ('short', '${'x'.repeat(250)}', 'fine')`,
    `INSERT INTO params (${q('key')}, value, run_uuid) VALUES ('long', '${'x'.repeat(251)}', 'fine')`,
    "INSERT INTO registered_models (name) VALUES ('m')",
    "INSERT INTO model_versions (name, version, run_id) VALUES ('m', 1, 'fine')",
    "INSERT INTO model_versions (name, version) VALUES ('m', 2)",
    `INSERT INTO registered_model_tags (${q('key')}, value, name) VALUES ('k', 'v', 'm')`,
  ];
};

describe.each(longRunners())('%s: what would be lost', (kind) => {
  let database: Database;
  afterEach(() => database.drop());

  it('is named all at once, before anything changes', async () => {
    database = await databaseAt(kind, ordinalOf('cc1f77228345'));
    await database.run(...old(kind));
    const before = await snapshot(database);
    const error = await failure(goBack(database, '2b4d017a5e9b'));
    expect(error.exitCode).toBe(ExitCode.blocked);
    expect(error.message.split('\n  - ').slice(1)).toEqual([
      expect.stringMatching(
        /^cc1f77228345 \(.*\): 1 row of params would be lost, .* more than 250 characters .*key=long, run_uuid=fine$/,
      ),
      expect.stringMatching(/^0c779009ac13 .*1 row of runs .*runs\.deleted_time.*run_uuid=gone$/),
      expect.stringMatching(/^a8c4a736bde6 .*1 row of model_versions .*NULL.*name=m, version=2$/),
      expect.stringMatching(/^728d730b5ebd .*1 row of registered_model_tags .*key=k, name=m$/),
      expect.stringMatching(
        kinds[kind].dialect === 'mysql'
          ? /^0a8213491aaa .*1 row of runs .*check before.*run_uuid=killed$/
          : /^cfd24bdc0731 .*1 row of runs .*check before.*run_uuid=killed$/,
      ),
    ]);
    expect(error.hints.join()).toMatch(/nothing was changed.*backup/);
    expect(await snapshot(database)).toEqual(before);
    // Without these rows it goes, and the others are still there.
    await database.run(
      `DELETE FROM params WHERE ${kinds[kind].quote('key')} = 'long'`,
      "DELETE FROM runs WHERE run_uuid IN ('killed', 'gone')",
      'DELETE FROM model_versions WHERE version = 2',
      'DELETE FROM registered_model_tags',
    );
    await goBack(database, '2b4d017a5e9b');
    expect(goldenOf(await schemaOf(database))).toEqual(goldenAt(ordinalOf('2b4d017a5e9b'), kind));
    expect(await database.rows('SELECT run_uuid FROM runs')).toEqual([{ run_uuid: 'fine' }]);
    expect(await database.rows('SELECT name, version FROM model_versions')).toEqual([
      { name: 'm', version: 1 },
    ]);
  });

  it('a name in two workspaces, a row in a new table; without --yes nothing changes', async () => {
    database = await databaseAt(kind, ordinalOf('e1f2a3b4c5d6'));
    await database.run(
      "INSERT INTO experiments (experiment_id, name, workspace) VALUES (1, 'same', 'default'), (2, 'same', 'red')",
      'INSERT INTO budget_policies (budget_policy_id, budget_unit, budget_amount, duration_unit, duration_value, target_scope, budget_action, created_at, last_updated_at) ' +
        "VALUES ('b', 'USD', 1, 'DAY', 1, 'GLOBAL', 'ALERT', 1, 1)",
      "INSERT INTO workspaces (name) VALUES ('red')",
      "INSERT INTO workspaces (name, description) VALUES ('default', 'Default workspace for legacy resources')",
    );
    const before = await snapshot(database);
    const error = await failure(goBack(database, '-2'));
    expect(error.message).toMatch(/e1f2a3b4c5d6 .*1 row of budget_policies .*budget_policy_id=b/);
    expect(error.message).toMatch(/1b5f0d9ad7c1 .*1 row of experiments .*workspace.*experiment_id=2/);
    expect(error.message).toMatch(/1b5f0d9ad7c1 .*1 row of experiments .*share name, .*: name=same/);
    // The row that the revision inserts itself does not count.
    expect(error.message).toMatch(/1b5f0d9ad7c1 .*1 row of workspaces .*: name=red/);
    expect(await snapshot(database)).toEqual(before);

    await database.run(
      'DELETE FROM experiments WHERE experiment_id = 2',
      'DELETE FROM budget_policies',
      "DELETE FROM workspaces WHERE name = 'red'",
    );
    const ready = await snapshot(database);
    const unasked = await failure(goBack(database, '-2', { yes: false }));
    expect(unasked.exitCode).toBe(ExitCode.confirmation);
    expect(unasked.message).toContain('no row is lost');
    const refused = await failure(goBack(database, '-2', { yes: false, ask: async () => false }));
    expect(refused.exitCode).toBe(ExitCode.confirmation);
    expect(await snapshot(database)).toEqual(ready);
    const { undone } = await goBack(database, '-2', { yes: false, ask: async () => true });
    expect(undone).toEqual(['e1f2a3b4c5d6', '1b5f0d9ad7c1']);
    expect(goldenOf(await schemaOf(database))).toEqual(goldenAt(ordinalOf('c8d9e0f1a2b3'), kind));
  });

  it('2d6e25af4d3e never goes down, nor does the first revision', async () => {
    database = await databaseAt(kind, ordinalOf('acf3f17fdcc7'));
    const before = await snapshot(database);
    for (const to of ['7f2a7d5fae7d', '2.7', '1.0', '-3']) {
      const error = await failure(goBack(database, to));
      expect(error.exitCode, to).toBe(ExitCode.blocked);
      expect(error.message, to).toContain('2d6e25af4d3e');
      expect(error.hints.join(), to).toMatch(/--to 2d6e25af4d3e.*backup/);
    }
    for (const to of ['base', '-23', '-90'])
      expect((await failure(goBack(database, to))).message, to).toContain('451aebb31d03');
    for (const to of ['nonsense', '3.18', 'f4a9b2c7d1e6', '-0', '9.9', ''])
      expect((await failure(goBack(database, to))).exitCode, to).toBe(ExitCode.usage);
    expect(await snapshot(database)).toEqual(before);
    expect((await goBack(database, 'acf3')).undone).toEqual([]);
    expect((await goBack(database, '2d6e')).undone).toEqual(['acf3f17fdcc7']);
    expect(await database.rows('SELECT version_num FROM alembic_version')).toEqual([
      { version_num: '2d6e25af4d3e' },
    ]);
  });

  it('a view on what goes', async () => {
    database = await databaseAt(kind, ordinalOf('acf3f17fdcc7'));
    if (kinds[kind].dialect === 'mysql') return;
    await database.run('CREATE VIEW mine AS SELECT name, storage_location FROM model_versions');
    const error = await failure(goBack(database, '2d6e'));
    expect(error.exitCode).toBe(ExitCode.blocked);
    expect(error.message).toMatch(/view mine .*storage_location/);
    await database.run('DROP VIEW mine');
    expect((await goBack(database, '2d6e')).undone).toEqual(['acf3f17fdcc7']);
  });
});

describe.each(longRunners())('%s: versions of MCP servers that differ in case', (kind) => {
  let database: Database;
  beforeAll(async () => {
    database = await databaseAt(kind, ordinalOf('f4a9b2c7d1e6'));
    await database.run(
      "INSERT INTO mcp_servers (workspace, name, created_at, last_updated_at) VALUES ('default', 's', 1, 1)",
      ...['1.0.0-rc', '1.0.0-RC'].map(
        (version) =>
          'INSERT INTO mcp_server_versions (workspace, name, version, version_major, version_minor, version_patch, version_prerelease_sort_key, server_json, created_at, last_updated_at) ' +
          `VALUES ('default', 's', '${version}', 1, 0, 0, '', '{}', 1, 1)`,
      ),
    );
  });
  afterAll(() => database.drop());

  it('keep the last revision from going down where case counts', async () => {
    if (kinds[kind].dialect === 'mysql') {
      const error = await failure(goBack(database, '-1'));
      expect(error.message).toMatch(
        /f4a9b2c7d1e6 .*1 row of mcp_server_versions .*but for case.*version=1\.0\.0-rc/,
      );
    } else expect((await goBack(database, '-1')).undone).toEqual(['f4a9b2c7d1e6']);
    await upgradeDatabase(database);
    expect(goldenOf(await schemaOf(database))).toEqual(goldenAt(ordinalOf('f4a9b2c7d1e6'), kind));
  });
});

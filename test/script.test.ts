import { afterEach, describe, expect, it } from 'vitest';
import { createDatabase, type Database, databaseAt } from './support/databases.js';
import { revisionAt, stateCount } from './support/fixtures.js';
import { databaseOf, expectSame, rowsOf, runScript, scriptFrom, scriptOf } from './support/script.js';
import type { ServerKind } from './support/server-kinds.js';
import { fewOf, longRunners, shareOf, thorough } from './support/share.js';
import { schemaOf, upgradeDatabase } from './support/upgrade.js';

/** Those that differ most first. */
const releases = ['1.2', '3.1', '3.16', '1.30', '2.9'];

const open: Database[] = [];
const kept = (database: Database): Database => {
  open.push(database);
  return database;
};
afterEach(async () => {
  for (const database of open.splice(0)) await database.drop();
});

/** Upgrades two databases alike, one by its client with a script, and compares them. */
async function expectEqual(make: () => Promise<Database>, script: (database: Database) => Promise<string>) {
  const since = Date.now() - 1000;
  const [ours, other] = [kept(await make()), kept(await make())];
  const { code, output } = await runScript(ours, await script(ours));
  expect(code, output).toBe(0);
  await upgradeDatabase(other);
  await expectSame(ours, other, since);
  expect((await rowsOf(ours, since)).alembic_version?.rows).toEqual([[`t:${revisionAt(stateCount - 1)}`]]);
}

/** The schema of MLflow 0.9.1, with rows; the last run shares its experiment with the first. */
async function baseWithRows(kind: ServerKind): Promise<Database> {
  const database = await databaseAt(kind, 0);
  const key = kind === 'mysql' || kind === 'mariadb' ? '`key`' : '"key"';
  const run = (uuid: string, experiment: number, user: string) =>
    `INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time,
       end_time, source_version, lifecycle_stage, artifact_uri, experiment_id)
     VALUES ('${uuid}', 'it''s', 'LOCAL', '', '', '${user}', 'FINISHED', 1, 2, '', 'active', 's3://a?b', ${experiment})`;
  const metric = (at: number, value: string) =>
    `INSERT INTO metrics (${key}, value, timestamp, run_uuid) VALUES ('loss ?', ${value}, ${at}, 'r1')`;
  await database.run(
    "INSERT INTO experiments (experiment_id, name, artifact_location, lifecycle_stage) VALUES (1, 'one', '', 'active')",
    "INSERT INTO experiments (experiment_id, name, artifact_location, lifecycle_stage) VALUES (2, 'Übung 🚀', '', 'active')",
    ...[run('r1', 1, 'ada'), run('r2', 1, 'bob'), run('r3', 2, "o''neill")],
    ...[metric(1, '0.1'), metric(2, '0.30000000000000004'), metric(7, '-1e30')],
    `INSERT INTO params (${key}, value, run_uuid) VALUES ('path', 'C:/x', 'r1')`,
  );
  return database;
}

const withoutTraces = [
  ...['assessments', 'span_metrics', 'spans', 'trace_metrics', 'trace_request_metadata', 'trace_tags'],
  ...['issues'],
];

/** The same without rows whose values SQL cannot work out. */
async function plain(kind: ServerKind, release: string): Promise<Database> {
  const database = await databaseOf(kind, release);
  const tables = await schemaOf(database);
  await database.run(
    ...withoutTraces.filter((name) => tables.has(name)).map((name) => `DELETE FROM ${name}`),
  );
  return database;
}

describe.each(longRunners())('%s: a script run by its client', (kind) => {
  it('equals an upgrade of the base', () => expectEqual(() => baseWithRows(kind), scriptOf));

  it.each(shareOf(kind, fewOf(releases, 2)))('equals an upgrade of MLflow %s', (release) =>
    expectEqual(() => databaseOf(kind, release), scriptOf),
  );

  it.runIf(thorough || kind === 'sqlite')('equals an upgrade of nothing', () =>
    expectEqual(() => createDatabase(kind), scriptOf),
  );

  it.runIf(thorough || kind === 'sqlite')('written without a database, equals an upgrade of the base', () =>
    expectEqual(
      () => baseWithRows(kind),
      () => scriptFrom(kind, 'base'),
    ),
  );

  it.runIf(thorough || kind === 'sqlite')('written without a database, equals an upgrade of nothing', () =>
    expectEqual(
      () => createDatabase(kind),
      () => scriptFrom(kind, 'empty'),
    ),
  );

  it.each(shareOf(kind, fewOf(releases, 1)))(
    'written without a database, equals an upgrade of MLflow %s',
    (release) =>
      expectEqual(
        () => plain(kind, release),
        async (database) => {
          const [stamp] = await database.rows('SELECT version_num FROM alembic_version');
          return scriptFrom(kind, String(stamp?.version_num));
        },
      ),
  );
});

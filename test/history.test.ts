import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { type HistoryEntry, readHistory, readStanding } from '../src/core/history.js';
import { ExitCode } from '../src/errors.js';
import { mltrack } from './support/cli.js';
import { createDatabase, type Database, databaseAt, openSession } from './support/databases.js';
import { ordinalOf, stateCount } from './support/fixtures.js';

const history = await readHistory();
const find = (revision: string) => history.find((entry) => entry.revision === revision) as HistoryEntry;

/** "SQLite" → the tables and what happens to them. */
const longOn = (revision: string): Record<string, Record<string, string>> =>
  Object.fromEntries(
    find(revision).longOn.map(({ server, tables }) => [
      server,
      Object.fromEntries(tables.map(({ table, work }) => [table, work])),
    ]),
  );

const everywhere = ['SQLite', 'PostgreSQL', 'MySQL', 'MariaDB', 'SQL Server'];

describe('the dates of revisions', () => {
  it('are there, but for the one of which MLflow says none', () => {
    expect(history).toHaveLength(stateCount - 1);
    expect(history.filter(({ created }) => created === null).map(({ revision }) => revision)).toEqual([
      '8b6ad64cb8f5',
    ]);
    for (const { created, revision } of history)
      if (created !== null) expect(new Date(created).toISOString(), revision).toMatch(created);
    expect(find('451aebb31d03').created).toBe('2019-04-22');
    expect(find('75868b020152').created).toBe('2026-07-22');
  });

  it('follow the chain within half a year, where MLflow’s authors did not write another year', () => {
    const halfYear = 183 * 24 * 3600 * 1000;
    let latest = 0;
    const early = history.flatMap(({ created, revision }) => {
      if (created === null) return [];
      const moment = Date.parse(created);
      if (latest - moment > halfYear) return [revision];
      latest = Math.max(latest, moment);
      return [];
    });
    expect(early).toEqual(['534353b11cbc', '3da73c924c2f', '2c33131f4dae', 'd0e1f2a3b4c5']);
  });

  const python = process.env.MLTRACK_MLFLOW_PYTHON ?? '/opt/ml/venv/bin/python';
  it.runIf(existsSync(python))('are those of MLflow’s own files', () => {
    const tool = fileURLToPath(new URL('../fixtures/tools/dates.py', import.meta.url));
    const { status, stdout, stderr } = spawnSync(python, [tool, '--check'], { encoding: 'utf8' });
    expect(status, stdout + stderr).toBe(0);
    expect(stdout).toMatch(/^71 files, 0 differ/);
  });
});

describe('long-running revisions', () => {
  it('are those that read or write rows of tables that were there', () => {
    // A new table alone, or a new column without a default, is a word in the catalog.
    for (const revision of ['df50e92ffc5e', '2b4d017a5e9b', '0c779009ac13', 'b7c8d9e0f1a2'])
      expect(find(revision).longOn, revision).toEqual([]);
    // An index is built from all rows; MySQL and MariaDB do it beside writers.
    expect(longOn('a5b4c3d2e1f0')).toEqual({
      ...{
        SQLite: { metrics: 'build' },
        PostgreSQL: { metrics: 'build' },
        'SQL Server': { metrics: 'build' },
      },
      ...{ MySQL: { metrics: 'online' }, MariaDB: { metrics: 'online' } },
    });
    // A longer VARCHAR is a word in the catalog, also of a file.
    expect(longOn('2d6e25af4d3e')).toEqual({});
    // A primary key that is another is the table itself where rows lie in its order.
    expect(longOn('451aebb31d03')).toMatchObject({
      ...{ PostgreSQL: { metrics: 'build' }, MySQL: { metrics: 'rewrite' }, SQLite: { metrics: 'rewrite' } },
    });
    // Row work counts on every server, with what it reads.
    expect(Object.keys(longOn('75868b020152'))).toEqual(everywhere);
    for (const tables of Object.values(longOn('75868b020152')))
      expect(Object.keys(tables)).toEqual(expect.arrayContaining(['spans', 'trace_info', 'trace_tags']));
  });

  it('only name tables that were there before', () => {
    // It creates the workspaces, whose row it writes.
    expect(JSON.stringify(longOn('1b5f0d9ad7c1'))).not.toContain('"workspaces"');
    expect(Object.keys(longOn('1b5f0d9ad7c1'))).toEqual(everywhere);
  });
});

describe('where a database stands among them', () => {
  const made: Database[] = [];
  afterAll(() => Promise.all(made.map((database) => database.drop())));

  it('is said for the URI of one', async () => {
    const database = await databaseAt('sqlite', ordinalOf('acf3f17fdcc7'));
    made.push(database);
    const run = await mltrack(['db', 'history', database.uri]);
    expect(run.code).toBe(ExitCode.done);
    expect(run.stdout).toMatch(
      /\n 23 {2}acf3f17fdcc7 .*(\n {5}.*)*\n>>> \/.* stands here, 47 revisions behind the head\n 24 {2}/,
    );
    const json = await mltrack(['db', 'history', database.uri, '--json']);
    expect(json.events[0]?.database).toMatchObject({ ordinal: 23, pending: 47 });
  });

  it('needs none, also where MLflow’s variable names one', async () => {
    const env = { MLFLOW_TRACKING_URI: 'sqlite:////nowhere/mlflow.db' };
    const run = await mltrack(['db', 'history', '--json'], { env });
    expect(run.code).toBe(ExitCode.done);
    expect(run.events[0]?.database).toBeNull();
    expect(run.events[0]?.revisions).toEqual(JSON.parse(JSON.stringify(history)));
  });

  it('an empty database stands before the first', async () => {
    const database = await createDatabase('sqlite');
    made.push(database);
    const { session } = await openSession(database);
    const standing = await readStanding(session).finally(() => session.close());
    expect(standing).toMatchObject({ ordinal: -1, pending: stateCount - 1 });
  });
});

import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { makePlan, type Plan } from '../src/core/plan.js';
import { Stop } from '../src/core/stop.js';
import { upgrade } from '../src/core/upgrade.js';
import { ExitCode } from '../src/errors.js';
import { mltrack } from './support/cli.js';
import {
  availableServers,
  createDatabase,
  type Database,
  databaseAt,
  kinds,
  openSession,
} from './support/databases.js';
import { fixturesFolder, ordinalOf, revisionAt, stateCount } from './support/fixtures.js';
import { shareOf } from './support/share.js';
import { fileOf, snapshot } from './support/snapshot.js';

const head = stateCount - 1;
const analytics = ordinalOf('75868b020152');

async function planOn(database: Database, to?: string): Promise<Plan> {
  const { session } = await openSession(database);
  const options = { yes: false, stop: new Stop(), listen: () => undefined };
  try {
    return await makePlan(session, { ...options, ...(to === undefined ? {} : { to }) });
  } finally {
    await session.close();
  }
}

/** Upgrades, and returns every statement without values that it sent to change something, in order. */
async function statementsOf(database: Database): Promise<string[]> {
  const { session } = await openSession(database);
  const sent: string[] = [];
  const query = session.query.bind(session);
  session.query = (sql, params) => {
    sent.push(sql);
    return query(sql, params);
  };
  try {
    await upgrade(session, { yes: true, stop: new Stop(), listen: () => undefined });
  } finally {
    await session.close();
  }
  return sent.filter((sql) =>
    /^(CREATE|ALTER|DROP|INSERT|UPDATE (alembic|sqlite_master)|PRAGMA writable)/.test(sql),
  );
}

const planned = (plan: Plan): string[] =>
  plan.steps.flatMap((step) => step.actions.flatMap(({ sql }) => (sql === null ? [] : [sql])));

/** SQL without its line breaks and its end. */
const bare = (sql: string): string => sql.trim().replace(/\s+/g, ' ').replace(/;$/, '');

/** Rows of traces: what the sources of 75868b020152 may hold. */
function traces(kind: Database['kind'], count: number): string[] {
  const { quote } = kinds[kind];
  const [key, value] = [quote('key'), quote('value')];
  const ids = Array.from({ length: count }, (_, i) => `t${i}`);
  return [
    "INSERT INTO experiments (experiment_id, name) VALUES (1, 'one')",
    ...ids.map(
      (id) =>
        `INSERT INTO trace_info (request_id, experiment_id, timestamp_ms, status) VALUES ('${id}', 1, 1700000000000, 'OK')`,
    ),
    `INSERT INTO trace_request_metadata (request_id, ${key}, ${value}) VALUES ('t0', 'mlflow.trace.tokenUsage', '{"input_tokens": 3, "cached": 1}')`,
    `INSERT INTO trace_request_metadata (request_id, ${key}, ${value}) VALUES ('t1', 'mlflow.trace.tokenUsage', 'three')`,
    `INSERT INTO trace_request_metadata (request_id, ${key}, ${value}) VALUES ('t2', 'mlflow.trace.cost', '{"total_cost": "much"}')`,
    `INSERT INTO trace_request_metadata (request_id, ${key}, ${value}) VALUES ('t0', 'mlflow.trace.session', '${'s'.repeat(251)}')`,
    `INSERT INTO trace_request_metadata (request_id, ${key}, ${value}) VALUES ('t1', 'mlflow.trace.session', '${'s'.repeat(250)}')`,
    `INSERT INTO trace_tags (request_id, ${key}, ${value}) VALUES ('t0', 'mlflow.traceName', '${'n'.repeat(4097)}')`,
    `INSERT INTO trace_metrics (request_id, ${key}, ${value}) VALUES ('t2', 'input_tokens', 0.5)`,
  ];
}

const job = (id: string, status: number) =>
  `INSERT INTO jobs (id, creation_time, job_name, params, status, retry_count, last_update_time) VALUES ('${id}', 1, 'f', '{}', ${status}, 0, 1)`;

describe.each(availableServers())('%s: a plan', (kind) => {
  let database: Database;
  afterEach(() => database.drop());

  it.each(shareOf(kind, [0, 1, 16, 21, 48, analytics - 1]))(
    'names the statements that the upgrade from state %i then runs',
    async (ordinal) => {
      database = await databaseAt(kind, ordinal);
      const untouched = await snapshot(database);
      const plan = await planOn(database);
      expect(await snapshot(database)).toEqual(untouched);
      expect(plan.reasons).toEqual([]);
      expect(plan.revisions.map(({ revision }) => revision)).toEqual(
        Array.from({ length: head - ordinal }, (_, i) => revisionAt(ordinal + 1 + i)),
      );
      const sent = await statementsOf(database);
      expect(sent.length).toBeGreaterThan(30);
      // Row work writes by statements of its own.
      const own = new Set(planned(plan));
      expect(
        sent.filter((sql) => own.has(sql) || !/^INSERT INTO (latest_metrics|"?tags)/.test(sql.trim())),
      ).toEqual(planned(plan));
    },
  );

  it('names the statements of work on rows that is done inside the server', async () => {
    database = await databaseAt(kind, 1);
    const plan = await planOn(database);
    const { session } = await openSession(database);
    const sent: string[] = [];
    const execute = session.sql.execute;
    Object.assign(session.sql, {
      execute: (sql: string, params: unknown[] = []) => {
        if (params.length === 0) sent.push(bare(sql));
        return execute(sql, params);
      },
    });
    await upgrade(session, { yes: true, stop: new Stop(), listen: () => undefined });
    await session.close();
    const works = plan.steps.filter((step) => step.kind === 'rows').flatMap((step) => step.actions);
    expect(works.map(({ title }) => title)).toContain('copy the latest metrics');
    const named = works.flatMap(({ rowSql }) => rowSql ?? []).map(bare);
    const changes = named.filter(
      (sql) =>
        /^(INSERT|UPDATE|DELETE)/.test(sql) &&
        // Sent where there is something to delete, which the plan does not know.
        !/^(UPDATE \S*jobs|DELETE FROM latest_metrics)/.test(sql),
    );
    expect(changes.length).toBeGreaterThanOrEqual(6);
    expect(sent).toEqual(expect.arrayContaining(changes));
    // Cancelling jobs binds the moment of the upgrade, which the server's own clock says in the plan.
    expect(named.some((sql) => /^UPDATE \S*jobs/.test(sql))).toBe(true);
  });

  it('names the statements that create everything in an empty database', async () => {
    database = await createDatabase(kind);
    const plan = await planOn(database);
    expect(plan.creates).toBe(true);
    expect(plan.questions).toEqual([]);
    expect(await statementsOf(database)).toEqual(planned(plan));
  });

  it('says which MLflow starts afterwards, in its first line', async () => {
    database = await databaseAt(kind, 21);
    const run = await mltrack(['db', 'upgrade', database.uri, '--dry-run']);
    expect(run.code).toBe(ExitCode.done);
    expect(run.stdout.split('\n')[0]).toBe('afterwards only MLflow 3.18 starts on this database');
    const older = await mltrack(['db', 'plan', database.uri, '--to', '2.9']);
    expect(older.stdout.split('\n')[0]).toBe('afterwards only MLflow 2.8–2.12 starts on this database');
  });

  it('counts what MLflow discards, and the jobs that it cancels', async () => {
    database = await databaseAt(kind, analytics - 1);
    await database.run(...traces(kind, 3), job('a', 0), job('b', 1), job('c', 3));
    const untouched = await snapshot(database);
    const { discards, exitCode, tables, questions } = await planOn(database);
    expect(await snapshot(database)).toEqual(untouched);
    expect(exitCode).toBe(ExitCode.done);
    expect(discards).toEqual(
      [
        ['75868b020152', 'trace names: cut to 4096 characters', ['t0']],
        ['75868b020152', 'session ids: cut to 250 characters', ['t0']],
        ['75868b020152', 'token usage of a trace: fields that have no column, dropped', ['t0: cached']],
        ['75868b020152', 'token usage of a trace: no JSON object, dropped', ['t1: three']],
        ['75868b020152', 'costs of a trace: no finite number, dropped', ['t2: total_cost']],
        ['75868b020152', 'token metrics: no whole number, dropped', ['t2: input_tokens = 0.5']],
        ['dc11669786a5', 'jobs: pending or running, cancelled', ['a', 'b']],
      ].map(([revision, what, examples]) => ({ revision, what, examples, count: examples?.length })),
    );
    expect(tables.find(({ table }) => table === 'trace_info')).toMatchObject({ rows: 3, exact: true });
    expect(questions.map(({ key }) => key)).toEqual(['75868b020152', 'dc11669786a5']);
    const { revisions } = await planOn(database);
    expect(
      revisions.filter(({ irreversible }) => irreversible?.kind === 'rows').map(({ revision }) => revision),
    ).toEqual(['75868b020152', 'dc11669786a5']);
  });

  it('names rows that a later step refuses, and exits 10', async () => {
    database = await databaseAt(kind, analytics - 1);
    await database.run(
      ...traces(kind, 3),
      `INSERT INTO spans (trace_id, experiment_id, span_id, status, start_time_unix_nano, content, dimension_attributes) VALUES ('t0', 1, 's0', 'OK', 1, '{}', '{"a": 1}')`,
    );
    const untouched = await snapshot(database);
    const run = await mltrack(['db', 'plan', database.uri, '--json']);
    expect(run.code).toBe(ExitCode.blocked);
    expect(run.events[0]?.reasons).toEqual([expect.stringMatching(/dimension_attributes.*t0\/s0/)]);
    expect(await snapshot(database)).toEqual(untouched);
  });

  it('leaves its session able to upgrade', async () => {
    database = await databaseAt(kind, 48);
    const { session } = await openSession(database);
    const options = { yes: true, stop: new Stop(), listen: () => undefined };
    const { to } = await makePlan(session, options);
    const result = await upgrade(session, options);
    await session.close();
    expect(result.to).toBe(to.revision);
  });

  it('says that there is nothing to do', async () => {
    database = await databaseAt(kind, head);
    const run = await mltrack(['db', 'plan', database.uri]);
    expect(run.code).toBe(ExitCode.done);
    expect(run.stdout).toMatch(/revision f4a9b2c7d1e6, written by MLflow 3\.18\nnothing to do\n$/);
  });

  it('states what the MLflow in use does with the database', async () => {
    database = await databaseAt(kind, 21);
    const run = await mltrack(['db', 'plan', database.uri, '--mlflow-version', '2.7']);
    expect(run.stdout).toContain('MLflow 2.7.1 starts on this database');
    expect(run.stdout).toMatch(
      /must be agreed to.*MLflow 2\.7\.1 .* will not start on this database afterwards/,
    );
  });
});

describe.each(availableServers().filter((kind) => kinds[kind].strict))('%s: a plan', (kind) => {
  let database: Database;
  afterEach(() => database.drop());

  it('names rows whose foreign key points nowhere, before the key is added', async () => {
    // 0584bdc529eb gives datasets a foreign key to experiments anew.
    database = await databaseAt(kind, ordinalOf('0584bdc529eb') - 1);
    const off: Partial<Record<Database['kind'], string[]>> = {
      postgresql: ['SET session_replication_role = replica'],
    };
    await database.run(
      ...(off[kind] ?? ['SET foreign_key_checks = 0']),
      "INSERT INTO datasets (dataset_uuid, experiment_id, name, digest, dataset_source_type, dataset_source) VALUES ('d', 77, 'n', 'x', 'local', 'y')",
    );
    const { reasons, exitCode } = await planOn(database);
    expect(exitCode).toBe(ExitCode.blocked);
    expect(reasons).toEqual([expect.stringMatching(/rows of datasets point to rows of experiments.*1: 77/)]);
  });
});

describe('sqlite: a plan', () => {
  let database: Database;
  afterEach(() => database.drop());

  it('does not make a file that is not there', async () => {
    database = await createDatabase('sqlite');
    const missing = `${fileOf(database)}.none`;
    const run = await mltrack(['db', 'plan', `sqlite:///${missing}`, '--json']);
    expect(run.code).toBe(ExitCode.done);
    expect(run.events[0]).toMatchObject({ creates: true, from: { revision: null } });
    expect(existsSync(missing)).toBe(false);
  });

  it('leaves a database in WAL mode as it is, byte for byte', async () => {
    database = await databaseAt('sqlite', 21);
    await database.rows('PRAGMA journal_mode = WAL');
    const bytes = readFileSync(fileOf(database));
    expect((await mltrack(['db', 'plan', database.uri])).code).toBe(ExitCode.done);
    expect(readFileSync(fileOf(database)).equals(bytes)).toBe(true);
  });

  it('shows its statements, locks, tables, time and disk to people', async () => {
    database = await createDatabase('sqlite');
    copyFileSync(new URL('databases/2.9.sqlite.db', fixturesFolder), fileOf(database));
    const { stdout } = await mltrack(['db', 'plan', database.uri]);
    expect(stdout).toContain('now: revision acf3f17fdcc7, written by MLflow 2.8–2.12');
    expect(stdout).toMatch(
      /ALTER TABLE issues ADD COLUMN metadata TEXT\n +issues: database file, metadata only/,
    );
    expect(stdout).toMatch(/\n {2}tags +24 rows/);
    expect(stdout).toMatch(/\ntime: \S+ s to \S+ s\n {2}measured here/);
    expect(stdout).toMatch(/\ndisk: .* needed, .* free in/);
    expect(stdout).toMatch(/must be agreed to: f5a4f2784254 .*--confirm f5a4f2784254/);
  });
});

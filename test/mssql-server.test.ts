import { afterEach, describe, expect, it } from 'vitest';
import { Stop } from '../src/core/stop.js';
import { upgrade } from '../src/core/upgrade.js';
import type { Session } from '../src/dialects/dialect.js';
import { loadDialect, parseUri } from '../src/dialects/index.js';
import type { Schema } from '../src/schema/table.js';
import { dbUpgrade, expectDone, expectRefusal } from './support/cli.js';
import { revisionAt, stateCount } from './support/fixtures.js';
import { goldenOf } from './support/golden.js';
import { uniqueName } from './support/unique-name.js';

/** `mssql+pyodbc://user:password@host:port/any?…` of a server on which databases may be created. */
const server = process.env.MLTRACK_TEST_MSSQL_URI ?? '';
const uriOf = (database: string) => server.replace(/^([^?]*?:\/\/[^/?]*)(\/[^?]*)?/, `$1/${database}`);
const head = stateCount - 1;
const states = Array.from({ length: head }, (_, i) => i + 1);

async function on<T>(database: string, work: (session: Session) => Promise<T>): Promise<T> {
  const dialect = await loadDialect('mssql');
  const session = await dialect.connect(parseUri(uriOf(database)), { lockWaitMs: 60_000 });
  return work(session).finally(() => session.close());
}

const upgradeTo = (database: string, to?: string) =>
  on(database, (session) =>
    upgrade(session, {
      ...(to === undefined ? {} : { to }),
      yes: false,
      stop: new Stop(),
      listen: () => undefined,
    }),
  );

const run = (database: string, ...statements: string[]) =>
  on(database, async (session) => {
    for (const sql of statements) await session.query(sql);
  });
const rows = (database: string, sql: string) => on(database, (session) => session.query(sql));

/** The schema without the names that the server makes up: they end in eight or more hexadecimal digits. */
async function shapeOf(database: string): Promise<unknown> {
  const schema: Schema = await on(database, (session) => session.introspect());
  const text = JSON.stringify(goldenOf(schema)).replace(/"[A-Z]{2}__\w+__[0-9A-F]{8,16}"/g, 'null');
  return JSON.parse(text);
}

describe.skipIf(server === '')('SQL Server at MLTRACK_TEST_MSSQL_URI', () => {
  const databases: string[] = [];
  const made = async (): Promise<string> => {
    const name = uniqueName();
    await run('master', `CREATE DATABASE ${name}`);
    databases.push(name);
    return name;
  };
  afterEach(async () => {
    for (const name of databases.splice(0))
      await run(
        'master',
        `ALTER DATABASE ${name} SET SINGLE_USER WITH ROLLBACK IMMEDIATE`,
        `DROP DATABASE ${name}`,
      ).catch(() => run('master', `DROP DATABASE ${name}`));
  });

  it.each(states)('created at state %i and upgraded is as if created at the head', async (ordinal) => {
    const [straight, stepped] = [await made(), await made()];
    await upgradeTo(straight);
    await upgradeTo(stepped, revisionAt(ordinal) as string);
    await upgradeTo(stepped);
    expect(await shapeOf(stepped)).toEqual(await shapeOf(straight));
    expect(await rows(stepped, 'SELECT version_num FROM alembic_version')).toEqual([
      { version_num: revisionAt(head) },
    ]);
    expect(await rows(stepped, 'SELECT name FROM workspaces')).toEqual([{ name: 'default' }]);
  });

  it('step by step gives each state as if created at it', async () => {
    const stepped = await made();
    for (const ordinal of states) {
      await upgradeTo(stepped, revisionAt(ordinal) as string);
      if (ordinal % 10 !== 0 && ordinal !== head) continue;
      const straight = await made();
      await upgradeTo(straight, revisionAt(ordinal) as string);
      expect(await shapeOf(stepped), `state ${ordinal}`).toEqual(await shapeOf(straight));
    }
  });

  it('moves the rows that revisions move', async () => {
    const database = await made();
    await upgradeTo(database, revisionAt(1) as string);
    await run(
      database,
      "SET IDENTITY_INSERT experiments ON; INSERT INTO experiments (experiment_id, name) VALUES (1, 'one'); SET IDENTITY_INSERT experiments OFF",
      "INSERT INTO runs (run_uuid, experiment_id, status, user_id) VALUES ('r1', 1, 'FINISHED', 'ünï'), ('r2', 1, 'RUNNING', 'b')",
      "INSERT INTO metrics ([key], value, timestamp, run_uuid, step) VALUES ('m', 1.5, 1, 'r1', 0), ('m', 2.5, 2, 'r1', 1), ('n', 0.1, 1, 'r2', 0)",
    );
    await upgradeTo(database, revisionAt(65) as string);
    expect(
      await rows(database, 'SELECT [key], value, step FROM latest_metrics ORDER BY [key]'),
    ).toMatchObject([
      { key: 'm', value: 2.5 },
      { key: 'n', value: 0.1 },
    ]);
    expect(await rows(database, 'SELECT [key], run_uuid FROM tags')).toEqual([
      { key: 'mlflow.user', run_uuid: 'r1' },
    ]);
    await run(
      database,
      "INSERT INTO trace_info (request_id, experiment_id, timestamp_ms, status) VALUES ('t1', 1, 5, 'OK')",
      "INSERT INTO trace_tags ([key], value, request_id) VALUES ('mlflow.traceName', 'näme', 't1'), ('other', 'x', 't1')",
      `INSERT INTO trace_request_metadata ([key], value, request_id) VALUES ('mlflow.trace.tokenUsage', '{"input_tokens": 9007199254740993}', 't1')`,
      "INSERT INTO jobs (id, creation_time, job_name, params, status, retry_count, last_update_time) VALUES ('j', 0, 'f', '{}', 1, 0, 0)",
      "INSERT INTO issues (issue_id, experiment_id, name, description, status, categories, created_timestamp, last_updated_timestamp) VALUES ('i', 1, 'n', 'd', 'open', '[\"A\", \"b\"]', 7, 8)",
    );
    await upgradeTo(database);
    const traces = await rows(
      database,
      'SELECT trace_name, CAST(input_tokens AS VARCHAR(20)) AS tokens FROM trace_info',
    );
    expect(traces).toEqual([{ trace_name: 'näme', tokens: '9007199254740993' }]);
    expect(await rows(database, 'SELECT [key] FROM trace_tags')).toEqual([{ key: 'other' }]);
    expect(await rows(database, 'SELECT status FROM jobs')).toEqual([{ status: 5 }]);
    expect(await rows(database, 'SELECT COUNT(*) AS n FROM issue_categories')).toEqual([{ n: 2 }]);
  });

  it('is left as it was by an upgrade that is refused', async () => {
    const database = await made();
    await upgradeTo(database, revisionAt(30) as string);
    await run(database, 'CREATE TABLE jobs (id INTEGER)');
    const before = await shapeOf(database);
    await expect(upgradeTo(database)).rejects.toThrow(/table jobs is already there/);
    expect(await shapeOf(database)).toEqual(before);
  });

  it.each([0, 16])('8 runners from state %i: 8 succeed, one does the work', async (ordinal) => {
    const database = await made();
    if (ordinal > 0) await upgradeTo(database, revisionAt(ordinal) as string);
    const ended = await Promise.all(Array.from({ length: 8 }, () => dbUpgrade([uriOf(database)])));
    for (const one of ended) expectDone(one);
    expect(ended.filter(({ stdout }) => !stdout.includes('already at')).length).toBe(1);
  });

  it('a runner gives up after --lock-wait while another one has the lock', async () => {
    const database = await made();
    await on(database, async (holder) => {
      await holder.begin();
      expectRefusal(await dbUpgrade([uriOf(database), '--lock-wait', '500ms']), 7, /another mltrack/);
      await holder.rollback();
    });
    expectDone(await dbUpgrade([uriOf(database)]));
  });
});

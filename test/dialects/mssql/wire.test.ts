import { afterEach, describe, expect, it } from 'vitest';
import { Stop } from '../../../src/core/stop.js';
import { upgrade } from '../../../src/core/upgrade.js';
import { mssql } from '../../../src/dialects/mssql/index.js';
import { parseUri } from '../../../src/dialects/uri.js';
import type { Answer } from './tds.js';
import { type TdsServer, tdsServer } from './tds-server.js';

let server: TdsServer | undefined;
afterEach(() => server?.close());

/** An empty database: what is asked of it, its rights and its lock. */
function empty(sql: string): Answer {
  if (sql.includes('SERVERPROPERTY'))
    return [{ version: '15.0.4405.4', engine: 3, database: 'mlflow', dbo: 'dbo' }];
  if (sql.includes('sp_getapplock')) return [{ got: 0 }];
  if (sql.includes('HAS_PERMS_BY_NAME(DB_NAME()'))
    return [
      {
        user: 'dbo',
        schema: 'dbo',
        create: 1,
        ALTER: 1,
        SELECT: 1,
        INSERT: 1,
        UPDATE: 1,
        DELETE: 1,
        REFERENCES: 1,
      },
    ];
  return [];
}

/** Runs an upgrade against a server that answers so; returns what it said and heard. */
async function run(answer: (sql: string) => Answer | null, stop = new Stop(), lockWaitMs = 0) {
  server = await tdsServer(answer);
  const session = await mssql.connect(parseUri(server.uri), { lockWaitMs });
  const said: { event: string }[] = [];
  const options = { yes: true, stop, lockWaitMs, listen: (event: { event: string }) => said.push(event) };
  const error = await upgrade(session, options).then(
    () => null,
    (reason: Error & { exitCode?: number }) => reason,
  );
  await session.close();
  return { heard: server.heard, said, error };
}

const at = (heard: string[], part: string): number => heard.findIndex((sql) => sql.includes(part));

describe('an upgrade, as SQL Server hears it', () => {
  it('waits no longer than told, locks, begins, creates, stamps, commits', async () => {
    const { heard, error } = await run(empty);
    expect(error).toBeNull();
    const order = [
      'set xact_abort on',
      'SET LOCK_TIMEOUT',
      'sp_getapplock',
      'BEGIN',
      'CREATE TABLE alembic_version',
    ];
    const places = [...order, 'CREATE TABLE experiments', 'INSERT INTO alembic_version', 'COMMIT'].map(
      (part) => at(heard, part),
    );
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(heard.at(-1)).toBe('COMMIT');
    expect(heard.filter((sql) => sql.startsWith('CREATE TABLE')).length).toBeGreaterThan(60);
    expect(heard.filter((sql) => sql.startsWith('CREATE TRIGGER'))).toHaveLength(1);
    expect(heard).toContain("INSERT INTO alembic_version (version_num) VALUES ('f4a9b2c7d1e6')");
  });

  it('does nothing where the database is at head', async () => {
    const { heard, error } = await run((sql) => {
      if (sql.includes('FROM sys.tables')) return [{ name: 'alembic_version' }, { name: 'experiments' }];
      if (sql.includes('version_num')) return [{ version_num: 'f4a9b2c7d1e6' }];
      return empty(sql);
    });
    expect(error).toBeNull();
    expect(at(heard, 'sp_getapplock')).toBe(-1);
    expect(heard).not.toContain('BEGIN');
  });

  it('rolls everything back when a statement fails, and sends nothing after it', async () => {
    const { heard, error } = await run((sql) =>
      sql.includes('CREATE TABLE runs') ? { error: 1105, message: 'No room in PRIMARY.' } : empty(sql),
    );
    expect(error).toMatchObject({ exitCode: 10 });
    expect(error?.message).toContain('No room in PRIMARY.');
    expect(heard.slice(at(heard, 'CREATE TABLE runs') + 1)).toEqual(['ROLLBACK']);
  });

  it('steps back from a table that is held, and tries the whole upgrade again', async () => {
    let held = 1;
    const { heard, said, error } = await run(
      (sql) =>
        sql.includes('CREATE TABLE runs') && held-- > 0
          ? { error: 1222, message: 'Lock request time out period exceeded.' }
          : empty(sql),
      new Stop(),
      60_000,
    );
    expect(error).toBeNull();
    expect(heard.filter((sql) => ['BEGIN', 'ROLLBACK', 'COMMIT'].includes(sql))).toEqual([
      'BEGIN',
      'ROLLBACK',
      'BEGIN',
      'COMMIT',
    ]);
    expect(said.some(({ event }) => event === 'waiting')).toBe(true);
  });

  it('stops the statement that runs when it is told to', async () => {
    const stop = new Stop();
    const { heard, error } = await run((sql) => {
      if (!sql.includes('CREATE TABLE runs')) return empty(sql);
      setTimeout(() => stop.request('SIGINT'), 50);
      return null;
    }, stop);
    expect(error).toMatchObject({ exitCode: 130 });
    expect(heard.slice(at(heard, 'CREATE TABLE runs') + 1)).toEqual(['ATTENTION', 'ROLLBACK']);
  });

  it('waits for who has the lock, without beginning', async () => {
    const { heard, error } = await run((sql) => (sql.includes('sp_getapplock') ? [{ got: -1 }] : empty(sql)));
    expect(error).toMatchObject({ exitCode: 7 });
    expect(heard).not.toContain('BEGIN');
  });
});

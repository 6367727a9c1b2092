import { EventEmitter } from 'node:events';
import type { Knex } from 'knex';
import { type Connection, TYPES } from 'tedious';
import { describe, expect, it } from 'vitest';
import { translate } from '../../../src/dialects/mssql/errors.js';
import { mssql } from '../../../src/dialects/mssql/index.js';
import { type Tedious, typed } from '../../../src/dialects/mssql/requests.js';
import { MssqlSession } from '../../../src/dialects/mssql/session.js';

/** As the server tells an error. */
const serverError = (number: number, message: string) =>
  Object.assign(new Error(message), { number, code: 'EREQUEST' });

/** A connection that notes what reaches it, and fails statements that hold "fail". */
function stage() {
  const sent: { how: string; sql: string; params: unknown[] }[] = [];
  class Request extends EventEmitter {
    readonly params: unknown[] = [];
    timeout: number | null = null;
    constructor(
      readonly sql: string,
      readonly done: (error: Error | null, rowCount?: number) => void,
    ) {
      super();
    }
    addParameter(name: string, type: { name: string }, value: unknown): void {
      this.params.push([name, type.name, value]);
    }
    setTimeout(ms: number): void {
      this.timeout = ms;
    }
  }
  const take = (how: string) => (request: Request) => {
    sent.push({ how, sql: request.sql, params: request.params });
    const answers = request.sql.includes('sp_getapplock') ? { got: 0 } : { found: 'x' };
    queueMicrotask(() => {
      if (request.sql.includes('fail')) return request.done(serverError(2627, 'Violation of PRIMARY KEY.'));
      request.emit(
        'row',
        Object.entries(answers).map(([colName, value]) => ({ metadata: { colName }, value })),
      );
      request.done(null, 1);
    });
  };
  const verb = (how: string) => (callback: (error?: Error) => void) => {
    sent.push({ how, sql: '', params: [] });
    queueMicrotask(() => callback());
  };
  const handle = {
    execSql: take('execSql'),
    execSqlBatch: take('execSqlBatch'),
    beginTransaction: verb('begin'),
    commitTransaction: verb('commit'),
    rollbackTransaction: verb('rollback'),
    cancel: () => true,
    close: () => undefined,
  } as unknown as Connection;
  const knex = { client: { driver: { Request, TYPES } }, destroy: async () => undefined } as unknown as Knex;
  const session = new MssqlSession(
    { dialect: mssql, place: 'mssql://h/db', knex, handle },
    { lockWaitMs: 60_000, lockTimeoutMs: 5000 },
  );
  return { session, sent };
}

describe('a session', () => {
  it('sends a statement without values as a batch, with values by sp_executesql', async () => {
    const { session, sent } = stage();
    expect(await session.query("SELECT '?' AS q")).toEqual([{ found: 'x' }]);
    expect(await session.execute('UPDATE t SET a = ?, b = ?', ['é', 2 ** 40])).toBe(1);
    expect(sent).toEqual([
      { how: 'execSqlBatch', sql: "SELECT '?' AS q", params: [] },
      {
        how: 'execSql',
        sql: 'UPDATE t SET a = @p0, b = @p1',
        params: [
          ['p0', 'NVarChar', 'é'],
          ['p1', 'BigInt', 2 ** 40],
        ],
      },
    ]);
  });

  it('begins and commits by the protocol', async () => {
    const { session, sent } = stage();
    await session.begin();
    await session.commit();
    expect(sent.map(({ how }) => how)).toEqual(['execSqlBatch', 'begin', 'commit']);
  });

  it('limits how long it waits for locks, by a batch, whose settings stay', async () => {
    const { session, sent } = stage();
    await session.limitWaits();
    expect(sent).toEqual([{ how: 'execSqlBatch', sql: 'SET LOCK_TIMEOUT 5000', params: [] }]);
  });

  it('runs nothing more after an error in its transaction, which the server has ended', async () => {
    const { session, sent } = stage();
    await session.begin();
    await expect(session.query('fail')).rejects.toThrow('Violation of PRIMARY KEY.');
    const before = sent.length;
    await expect(session.query('DROP TABLE runs')).rejects.toThrow('nothing more can run in it');
    await expect(session.commit()).rejects.toThrow('ended with an error');
    expect(sent).toHaveLength(before);
    await session.rollback();
    expect(await session.query('SELECT 1')).toHaveLength(1);
  });

  it('goes on after an error outside a transaction', async () => {
    const { session } = stage();
    await expect(session.query('fail')).rejects.toThrow('Violation');
    expect(await session.query('SELECT 1')).toHaveLength(1);
  });
});

describe('the type of a value', () => {
  it.each([
    ['text', 'NVarChar'],
    [null, 'NVarChar'],
    [undefined, 'NVarChar'],
    [true, 'Bit'],
    [1, 'Int'],
    [2 ** 31, 'BigInt'],
    [0.5, 'Float'],
    [-0, 'Float'],
    [1e300, 'Float'],
    [2n ** 63n - 1n, 'NVarChar'],
  ])('%s is sent as %s', (value, name) => {
    const sent = typed({ TYPES } as Tedious, value);
    expect(sent.type.name).toBe(name);
    expect(sent.value).toBe(typeof value === 'bigint' ? '9223372036854775807' : (value ?? null));
  });
});

describe('errors of the server', () => {
  const place = 'mssql://h/db';
  it.each([
    [1205, 7],
    [1222, 7],
    [229, 10],
    [262, 10],
    [9002, 10],
    [3906, 10],
    [40613, 9],
  ])('%d: exit %d', (number, exitCode) => {
    expect(translate(serverError(number, 'words'), place)).toMatchObject({ exitCode });
  });

  it('tells a lost connection and a statement that took too long', () => {
    const coded = (code: string) => translate(Object.assign(new Error('x'), { code }), place);
    expect(coded('ESOCKET')).toMatchObject({ exitCode: 9 });
    expect(coded('ECLOSE')).toMatchObject({ exitCode: 9 });
    expect(coded('ETIMEOUT')).toMatchObject({ exitCode: 10 });
  });

  it('tells all that the server said of one statement', () => {
    const both = new AggregateError([
      serverError(5074, "The object 'ix' is dependent on column 'c'."),
      serverError(4922, 'ALTER TABLE failed.'),
    ]);
    expect((translate(both, place) as Error).message).toBe(
      "The object 'ix' is dependent on column 'c'. ALTER TABLE failed.",
    );
    const missing = new AggregateError([serverError(229, 'denied'), serverError(4922, 'failed')]);
    expect(translate(missing, place)).toMatchObject({ exitCode: 10 });
  });

  it('leaves other errors as they are', () => {
    const error = serverError(2627, 'Violation of PRIMARY KEY.');
    expect(translate(error, place)).toBe(error);
  });
});

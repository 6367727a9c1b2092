import { describe, expect, it } from 'vitest';
import { acquireLock } from '../../../src/dialects/mssql/lock.js';
import type { Row } from '../../../src/schema/index.js';

const holderRow = { id: 52, host: 'ci-7', pid: 4711, login: 'ml', since: '2026-11-25 12:00:00' };

/** A session whose sp_getapplock returns these codes, one a call; the last one again and again. */
function sessionWith(codes: (number | null)[], holder: Row[] | Error = [holderRow]) {
  const asked: string[] = [];
  const session = {
    place: 'mssql://h/db',
    interrupted: false,
    async query<T extends Row>(sql: string): Promise<T[]> {
      asked.push(sql);
      if (sql.includes('sp_getapplock'))
        return [{ got: (codes.length > 1 ? codes.shift() : codes[0]) ?? null }] as Row[] as T[];
      if (holder instanceof Error) throw holder;
      return holder as T[];
    },
  };
  return { session, asked };
}

const failure = (promise: Promise<unknown>): Promise<{ exitCode: number; message: string }> =>
  promise.then(
    () => {
      throw new Error('it did not fail');
    },
    (error) => error,
  );

describe('the return codes of sp_getapplock', () => {
  it.each([0, 1])('%d: the lock is ours', async (code) => {
    const { session, asked } = sessionWith([code]);
    await acquireLock(session, { lockWaitMs: 0 });
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatch(/@LockMode = 'Exclusive', @LockOwner = 'Session', @LockTimeout = \d{1,3};/);
  });

  it.each([-1, -2, -3])('%d: somebody has it, who is named, and it is tried again', async (code) => {
    const { session, asked } = sessionWith([code, code, 1]);
    const told: string[] = [];
    await acquireLock(session, { lockWaitMs: 60_000, onWait: (reason) => told.push(reason) });
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(
      /session 52 of ml from ci-7 \(process 4711\), connected since 2026-11-25 12:00:00/,
    );
    expect(asked.filter((sql) => sql.includes('sp_getapplock'))).toHaveLength(3);
  });

  it('-1 until the time is over: exit 7', async () => {
    const { session } = sessionWith([-1]);
    const error = await failure(acquireLock(session, { lockWaitMs: 0 }));
    expect(error).toMatchObject({ exitCode: 7 });
    expect(error.message).toContain('another mltrack is upgrading this database');
  });

  it('gives up when somebody asks for a stop', async () => {
    const { session } = sessionWith([-1]);
    session.interrupted = true;
    expect(await failure(acquireLock(session, { lockWaitMs: 60_000 }))).toMatchObject({ exitCode: 7 });
  });

  it.each([-999, null])('%s: the lock does not work here: exit 10', async (code) => {
    const { session } = sessionWith([code]);
    const error = await failure(acquireLock(session, { lockWaitMs: 60_000 }));
    expect(error).toMatchObject({ exitCode: 10 });
    expect(error.message).toContain('sp_getapplock');
  });

  it('does without the name of the holder where it may not be seen', async () => {
    const { session } = sessionWith([-1], new Error('VIEW SERVER STATE permission was denied'));
    const error = await failure(acquireLock(session, { lockWaitMs: 0 }));
    expect(error.message).toContain('VIEW SERVER STATE');
  });
});

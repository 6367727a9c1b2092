import { describe, expect, it } from 'vitest';
import type { Session } from '../../../src/dialects/dialect.js';
import { lockHolder } from '../../../src/dialects/mssql/lock.js';
import { factsOf, heldBy, hidden, type TableLock } from '../../../src/dialects/mssql/status.js';
import type { Row } from '../../../src/schema/index.js';

const row = {
  ...{ collation: 'Latin1_General_CI_AS', schema: 'dbo', edition: 'Developer Edition', level: 160 },
  ...{ recovery: 'FULL', snapshot: 'OFF', rcsi: 1, readOnly: 0 },
};

/** A session that answers what asks for `word`. */
const sessionWith = (answers: Readonly<Record<string, Row[] | Error>>) => ({
  async query<T extends Row>(sql: string): Promise<T[]> {
    const word = Object.keys(answers).find((one) => sql.includes(one));
    const answer = word === undefined ? [] : answers[word];
    if (answer instanceof Error) throw answer;
    return (answer ?? []) as T[];
  },
});

describe('the facts of a database', () => {
  it('are in order, the collation first; what is off by default is said only where it is on', () => {
    expect(factsOf(row).map(({ name, value }) => `${name} ${value}`)).toEqual([
      'collation Latin1_General_CI_AS',
      'schema dbo',
      'edition Developer Edition',
      'compatibility level 160',
      'recovery model FULL',
      'snapshot isolation OFF',
      'read committed snapshot ON',
    ]);
    expect(factsOf({ ...row, collation: null, readOnly: 1 })).not.toContainEqual(
      expect.objectContaining({ name: 'collation' }),
    );
    expect(factsOf({ ...row, readOnly: 1 }).at(-1)).toEqual({ name: 'read only', value: 'yes' });
  });
});

describe('locks on tables', () => {
  const lock = (id: number, name: string, mode: string): TableLock => ({
    ...{ id, name, mode, login: 'ml', host: id === 52 ? 'ci-7' : null, state: 'sleeping' },
  });

  it('are one phrase a session, of the tables that are asked for', () => {
    const locks = [
      lock(52, 'runs', 'IX'),
      lock(52, 'tags', 'IX'),
      lock(53, 'mine', 'X'),
      lock(54, 'runs', 'IS'),
    ];
    expect(heldBy(locks, ['runs', 'tags'])).toEqual([
      'session 52 of ml from ci-7 (sleeping) holds locks on runs (IX), tags (IX)',
      'session 54 of ml from an unknown host (sleeping) holds locks on runs (IS)',
    ]);
  });

  it('who may not look is told which right it needs', async () => {
    const asked = (sees: number) =>
      hidden(sessionWith({ 'AS sees': [{ sees, login: '[ml]' }] }) as unknown as Session);
    expect(await asked(1)).toBeNull();
    expect(await asked(0)).toContain('GRANT VIEW SERVER STATE TO [ml]');
  });
});

describe('the holder of the application lock', () => {
  const holder = { id: 52, host: 'ci-7', pid: 4711, login: 'ml', since: '2026-11-25 12:00:00' };
  const asked = (free: number, rows: Row[] | Error) =>
    lockHolder(sessionWith({ APPLOCK_TEST: [{ free }], dm_tran_locks: rows }));

  it('is nobody where the lock could be taken, whoever has one of another schema', async () => {
    expect(await asked(1, [holder])).toBeNull();
  });

  it('is named where that may be seen', async () => {
    expect(await asked(0, [holder])).toContain('session 52 of ml from ci-7 (process 4711)');
    expect(await asked(0, [])).toBe('a session that this login may not see');
    expect(await asked(0, new Error('denied'))).toContain('VIEW SERVER STATE');
  });
});

import { describe, expect, it } from 'vitest';
import { acquireLock, lockName } from '../../../src/dialects/mysql/lock.js';
import { ExitCode } from '../../../src/errors.js';

describe('the name of the lock', () => {
  it.each(['mlflow', 'MLflow', 'x'.repeat(64), `${'x'.repeat(63)}y`, 'datenbänke'])(
    'of %s fits',
    (database) => {
      expect(lockName(database).length).toBeLessThanOrEqual(64);
      expect(lockName(database)).toContain('mltrack:');
    },
  );

  it('tells long names apart, and case not', () => {
    const names = ['x'.repeat(64), `${'x'.repeat(63)}y`, `${'x'.repeat(62)}yx`].map(lockName);
    expect(new Set(names).size).toBe(3);
    expect(lockName('MLflow')).toBe(lockName('mlflow'));
  });
});

describe('a server that does not lock', () => {
  const session = (answer: () => Promise<Record<string, unknown>[]>) => ({
    place: 'mysql://u@h/d',
    interrupted: false,
    query: answer as never,
  });

  it.each([
    ['answers NULL', async () => [{ got: null }]],
    [
      'raises an error, as Galera does',
      () => Promise.reject(new Error("This version doesn't yet support 'GET_LOCK in cluster'")),
    ],
  ])('%s: mltrack says so and stops', async (_name, answer) => {
    await expect(acquireLock(session(answer), 'd', { lockWaitMs: 60_000 })).rejects.toMatchObject({
      exitCode: ExitCode.blocked,
      message: expect.stringMatching(/mysql:\/\/u@h\/d: the server refuses GET_LOCK/),
    });
  });
});

import { describe, expect, it } from 'vitest';
import { Batches, Limit } from '../../src/artifacts/limit.js';
import { isTransient, retrying, TimedOut } from '../../src/artifacts/retry.js';
import { failing, quick } from './contract.js';

const withCode = (parts: object): Error => Object.assign(new Error('no'), parts);

describe('trying again', () => {
  it.each([
    ...[
      { $metadata: { httpStatusCode: 503 } },
      { statusCode: 500 },
      { status: 429 },
      { code: 502 },
      { code: 'SlowDown' },
    ],
    ...[
      { code: 'ECONNRESET' },
      { code: 'EPIPE' },
      { name: 'TimeoutError' },
      { statusCode: 200 },
      { code: 'ServerBusy' },
    ],
  ])('helps: %j', (parts) => expect(isTransient(withCode(parts))).toBe(true));

  it.each([
    ...[
      { $metadata: { httpStatusCode: 403 } },
      { statusCode: 404 },
      { status: 400 },
      { code: 401 },
      { code: 501 },
    ],
    ...[{ code: 'AccessDenied' }, { code: 'ENOTFOUND' }, { status: 503, final: true }, {}],
  ])('does not help: %j', (parts) => expect(isTransient(withCode(parts))).toBe(false));

  it('doubles its pauses, and waits no shorter than asked', async () => {
    const times: number[] = [];
    const work = async () => {
      times.push(performance.now());
      if (times.length < 5)
        throw withCode({ status: 503, ...(times.length === 4 ? { retryAfterMs: 120 } : {}) });
      return 'done';
    };
    expect(await retrying(work, { attempts: 5, baseMs: 20, maxMs: 200, timeoutMs: 1000 })).toBe('done');
    const pauses = times.slice(1).map((time, i) => time - (times[i] as number));
    expect(pauses[3]).toBeGreaterThanOrEqual(118);
    for (const [i, pause] of pauses.slice(0, 3).entries())
      expect(pause).toBeGreaterThanOrEqual(20 * 2 ** i * 0.1 - 2);
  });

  it('tells the work that its time is over, and ends', async () => {
    let told = false;
    const work = (signal: AbortSignal) =>
      new Promise<never>(() => signal.addEventListener('abort', () => (told = true)));
    const error = await failing(retrying(work, { ...quick, attempts: 2, timeoutMs: 30 }));
    expect(error).toBeInstanceOf(TimedOut);
    expect(told).toBe(true);
  });

  it('is woken from its pause by the signal', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error('stop')), 20);
    const start = performance.now();
    const slow = { attempts: 3, baseMs: 60_000, maxMs: 60_000, timeoutMs: 1000 };
    const work = async () => Promise.reject(withCode({ status: 503 }));
    expect((await failing(retrying(work, slow, stop.signal))).message).toBe('stop');
    expect(performance.now() - start).toBeLessThan(5000);
  });
});

describe('work in batches', () => {
  it('has no more under way than allowed', async () => {
    const batches = new Batches(new Limit(3));
    let [now, most, done] = [0, 0, 0];
    for (let i = 0; i < 20; i++)
      await batches.add(async () => {
        most = Math.max(most, ++now);
        await new Promise((go) => setTimeout(go, 2));
        now--;
        done++;
      });
    await batches.settle();
    expect([most, done]).toEqual([3, 20]);
  });

  it('tells the first failure after what is under way has ended', async () => {
    const batches = new Batches(new Limit(2));
    let ended = false;
    await batches.add(async () => Promise.reject(new Error('first')));
    await batches.add(async () => {
      await new Promise((go) => setTimeout(go, 20));
      ended = true;
    });
    expect((await failing(batches.settle())).message).toBe('first');
    expect([batches.failed, ended]).toEqual([true, true]);
  });
});

import { describe, expect, it } from 'vitest';
import { ArtifactError } from '../../src/artifacts/failure.js';
import { Health } from '../../src/artifacts/health.js';
import { lacksCredentials, retrying, retryOf } from '../../src/artifacts/retry.js';
import { failing, quick } from './contract.js';

const said = new ArtifactError('unreachable', 's3://b/x', 'no answer');

describe('whether a store counts as down', () => {
  it('after five failures in a row, of what lists and what removes apart', () => {
    const health = new Health(() => 0);
    for (let i = 0; i < 4; i++) health.failed('list', said);
    expect(health.mayAsk('list')).toBeNull();
    health.failed('list', said);
    expect(health.mayAsk('list')).toMatchObject({ count: 5, last: said });
    expect(health.mayAsk('remove')).toBeNull();
    health.answered('list');
    health.failed('list', said);
    expect(health.mayAsk('list')).toBeNull();
  });

  it('and lets one look again after a minute', () => {
    let now = 0;
    const health = new Health(() => now);
    for (let i = 0; i < 5; i++) health.failed('list', said);
    now = 59_999;
    expect(health.mayAsk('list')).not.toBeNull();
    now = 60_000;
    expect([health.mayAsk('list'), health.mayAsk('list')?.count]).toEqual([null, 5]);
    health.failed('list', said);
    now = 119_000;
    expect(health.mayAsk('list')?.count).toBe(6);
    now = 121_000;
    expect(health.mayAsk('list')).toBeNull();
    health.answered('list');
    expect(health.mayAsk('list')).toBeNull();
  });
});

describe('requests', () => {
  it('are not tried again once others have found that it is hopeless', async () => {
    let [tries, hopeless] = [0, false];
    const work = async () => {
      if (++tries === 2) hopeless = true;
      throw Object.assign(new Error('no'), { status: 503 });
    };
    await failing(retrying(work, quick, undefined, { hopeless: () => hopeless }));
    expect(tries).toBe(2);
  });

  it('are given up some time after the signal, and told so', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error('stop')), 10);
    let told = false;
    const hanging = (signal: AbortSignal) =>
      new Promise<never>(() => signal.addEventListener('abort', () => (told = true)));
    const start = performance.now();
    const error = await failing(retrying(hanging, quick, stop.signal, { graceMs: 50 }));
    expect([error.message, told]).toEqual(['stop', true]);
    expect(performance.now() - start).toBeGreaterThan(55);
    expect(performance.now() - start).toBeLessThan(4000);
  });

  it('that end within that time have ended well', async () => {
    const stop = new AbortController();
    const work = async () => {
      stop.abort(new Error('stop'));
      await new Promise((go) => setTimeout(go, 20));
      return 'removed';
    };
    expect(await retrying(work, quick, stop.signal, { graceMs: 5000 })).toBe('removed');
  });

  it('take MLflow’s settings', () => {
    expect(retryOf({ MLFLOW_HTTP_REQUEST_MAX_RETRIES: '2', MLFLOW_HTTP_REQUEST_TIMEOUT: '30' })).toEqual({
      ...{ attempts: 3, timeoutMs: 30_000 },
    });
    expect(retryOf({ MLFLOW_HTTP_REQUEST_MAX_RETRIES: 'x', MLFLOW_HTTP_REQUEST_TIMEOUT: '-1' })).toEqual({});
  });

  it.each([
    { name: 'CredentialsProviderError', message: 'Could not load credentials from any providers' },
    { name: 'AggregateAuthenticationError', message: 'ChainedTokenCredential authentication failed.' },
    { name: 'CredentialUnavailableError', message: 'x' },
    { name: 'Error', message: 'Could not load the default credentials. Browse to …' },
  ])('without credentials are known as such: $name', (parts) => {
    expect(lacksCredentials(Object.assign(new Error(parts.message), { name: parts.name }))).toBe(true);
    expect(lacksCredentials(Object.assign(new Error(parts.message), { status: 403 }))).toBe(false);
  });
});

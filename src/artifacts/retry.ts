import { setTimeout as sleep } from 'node:timers/promises';
import type { RetryPolicy } from './store.js';

/** About half a minute in all: what AWS, Azure and Google advise for 503 and 429 is to come back slower. */
export const defaultRetry: RetryPolicy = { attempts: 7, baseMs: 250, maxMs: 20_000, timeoutMs: 60_000 };

/** The parts that errors of the AWS, Azure and Google SDKs and of Node have. */
interface AnyError {
  readonly name?: string;
  readonly message?: string;
  readonly code?: string | number;
  readonly Code?: string;
  readonly status?: number;
  readonly statusCode?: number;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly retryAfterMs?: number;
  readonly final?: boolean;
}

/** The HTTP status an error came with, whichever SDK it is from. */
export function statusOf(error: unknown): number | null {
  const one = error as AnyError;
  const status =
    one?.$metadata?.httpStatusCode ?? one?.statusCode ?? one?.status ?? (one?.code as number | undefined);
  return typeof status === 'number' && status >= 100 && status < 600 ? status : null;
}

/** The store's or Node's own word for it: `AccessDenied`, `ECONNRESET`. */
export function codeOf(error: unknown): string {
  const one = error as AnyError;
  const code = typeof one?.code === 'string' ? one.code : undefined;
  return one?.Code ?? code ?? one?.name ?? 'Error';
}

/** One try took too long. */
export class TimedOut extends Error {
  override readonly name = 'TimedOut';
}

const statuses = new Set([408, 429, 500, 502, 503, 504]);
const network =
  /^(ECONNRESET|ECONNREFUSED|ECONNABORTED|EPIPE|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|ENETDOWN|EHOSTUNREACH|ERR_STREAM_PREMATURE_CLOSE|REQUEST_SEND_ERROR|PARSE_ERROR)$/;
const words =
  /^(SlowDown|InternalError|ServiceUnavailable|ServerBusy|OperationTimedOut|RequestTimeout|Throttling\w*|TooManyRequests\w*|TimeoutError|TimedOut)$/;

/** Whether the connection, not the store, failed. A name that is not known will not be soon: no further try. */
export const isNetwork = (error: unknown): boolean =>
  error instanceof TimedOut ||
  codeOf(error) === 'ENOTFOUND' ||
  network.test(codeOf(error)) ||
  /socket hang up|aborted|premature close|network socket disconnected/i.test(
    (error as AnyError)?.message ?? '',
  );

/**
 * Whether another try may help: 429, 5xx, time-outs, broken connections, and a 2xx whose body was cut off. Not 403, 404
 * or any other answer about the request itself.
 */
export function isTransient(error: unknown): boolean {
  if ((error as AnyError)?.final) return false;
  if (error instanceof TimedOut) return true;
  if (words.test(codeOf(error)) || words.test((error as AnyError)?.name ?? '')) return true;
  const status = statusOf(error);
  if (status !== null) return statuses.has(status) || (status >= 200 && status < 300);
  return isNetwork(error) && codeOf(error) !== 'ENOTFOUND';
}

/**
 * Whether an SDK found no credentials to ask with: each of them tries a chain of places, the last over the network, so
 * that not even this is known quickly.
 */
export const lacksCredentials = (error: unknown): boolean =>
  statusOf(error) === null &&
  (/CredentialsProviderError|CredentialUnavailableError|AggregateAuthenticationError|^AuthenticationError$/.test(
    `${codeOf(error)} ${(error as AnyError)?.name ?? ''}`,
  ) ||
    /could not load the default credentials|no credential|could not load credentials/i.test(
      (error as AnyError)?.message ?? '',
    ));

/** How the tries are ended early. */
export interface Ending {
  /** How long the try in hand may go on after the signal, in milliseconds. */
  readonly graceMs?: number;
  /** Whether others have found that no further try helps. */
  readonly hopeless?: () => boolean;
}

/**
 * Does the work, again after a growing random pause ("full jitter") where that may help.
 * @param signal ends the waiting and allows no further try; the try in hand has `graceMs` to finish
 */
export async function retrying<T>(
  work: (signal: AbortSignal) => Promise<T>,
  policy: RetryPolicy,
  signal?: AbortSignal,
  { graceMs = 5000, hopeless = () => false }: Ending = {},
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    try {
      return await withTimeout(work, policy.timeoutMs, signal, graceMs);
    } catch (error) {
      if (attempt >= policy.attempts || !isTransient(error) || hopeless()) throw error;
      const ceiling = Math.min(policy.maxMs, policy.baseMs * 2 ** (attempt - 1));
      const asked = Math.min((error as AnyError).retryAfterMs ?? 0, policy.maxMs);
      const pause = Math.max(asked, ceiling * (0.1 + 0.9 * Math.random()));
      await sleep(pause, undefined, signal ? { signal } : {}).catch(() => signal?.throwIfAborted());
      if (hopeless()) throw error;
    }
  }
}

async function withTimeout<T>(
  work: (signal: AbortSignal) => Promise<T>,
  timeoutMs: number,
  signal: AbortSignal | undefined,
  graceMs: number,
): Promise<T> {
  const stop = new AbortController();
  const timers: NodeJS.Timeout[] = [];
  let onStop = (): void => undefined;
  const late = new Promise<never>((_, reject) => {
    const end = (ms: number, reason: () => unknown): void => {
      timers.push(
        setTimeout(() => {
          reject(reason());
          stop.abort();
        }, ms),
      );
    };
    end(timeoutMs, () => new TimedOut(`no answer within ${timeoutMs / 1000} s`));
    onStop = () => end(graceMs, () => signal?.reason);
    signal?.addEventListener('abort', onStop, { once: true });
  });
  try {
    return await Promise.race([work(stop.signal), late]);
  } finally {
    for (const timer of timers) clearTimeout(timer);
    signal?.removeEventListener('abort', onStop);
  }
}

/**
 * MLflow's own settings for requests, taken for all stores: `MLFLOW_HTTP_REQUEST_MAX_RETRIES` (tries after the first)
 * and `MLFLOW_HTTP_REQUEST_TIMEOUT` (seconds). What is no number counts as not given.
 */
export function retryOf(env: Readonly<Record<string, string | undefined>>): Partial<RetryPolicy> {
  const retries = env.MLFLOW_HTTP_REQUEST_MAX_RETRIES;
  const seconds = Number(env.MLFLOW_HTTP_REQUEST_TIMEOUT);
  return {
    ...(/^\d{1,2}$/.test(retries ?? '') ? { attempts: Number(retries) + 1 } : {}),
    ...(seconds > 0 ? { timeoutMs: seconds * 1000 } : {}),
  };
}

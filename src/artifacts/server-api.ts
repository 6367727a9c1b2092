import { isTrue } from './context.js';
import { clean, shown } from './failure.js';
import { HttpError, httpClient } from './http.js';
import { defaultRetry, isNetwork, isTransient, retrying, statusOf } from './retry.js';
import type { RetryPolicy } from './store.js';

/** A server's no: what it said, with its status and MLflow's own code for it; null where it did not answer. */
export class ServerRefusal extends Error {
  override readonly name = 'ServerRefusal';
  constructor(
    message: string,
    readonly status: number | null,
    readonly code: string,
    cause: unknown,
  ) {
    super(message, { cause });
  }
}

/** What is read of a running MLflow server beside its artifacts. */
export interface ServerApi {
  /** Its address, without user and password. */
  readonly place: string;
  /**
   * Reads JSON. Tried again where that may help.
   *
   * @param workspace sent as MLflow's clients do; only a server with workspaces takes it
   * @throws ServerRefusal for anything but a 2xx with JSON; the signal's reason
   */
  get(route: string, query?: readonly (readonly [string, string])[], workspace?: string): Promise<unknown>;
  close(): void;
}

export interface ServerApiOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** For tests. */
  readonly retry?: Partial<RetryPolicy>;
}

/**
 * Opens an http(s) server that the user named, with MLflow's `MLFLOW_TRACKING_*` credentials and TLS settings: its
 * clients use them for a registry too (`get_default_host_creds`, mlflow/utils/credentials.py and rest_utils.py).
 *
 * @throws Error for a URI or settings that mltrack cannot use
 */
export function serverApi(uri: string, { env, signal, retry = {} }: ServerApiOptions): ServerApi {
  if (!URL.canParse(uri)) throw new Error(`${shown(uri)} is no URL`);
  for (const name of ['MLFLOW_TRACKING_AUTH', 'MLFLOW_TRACKING_AWS_SIGV4'])
    if (env[name] && (name === 'MLFLOW_TRACKING_AUTH' || isTrue(env[name])))
      throw new Error(`mltrack has no ${name}`);
  const base = new URL(uri);
  const client = httpClient(base, env, 4, true);
  const seconds = Number(env.MLFLOW_HTTP_REQUEST_TIMEOUT);
  // MLflow's own default is 120 s.
  const timeoutMs = seconds > 0 ? seconds * 1000 : 120_000;
  // Nothing is lost where it ends early: nothing was deleted yet.
  const policy = { ...defaultRetry, attempts: 4, timeoutMs, ...retry };
  const root = new URL(base.pathname.replace(/\/+$/, ''), base.origin).href.replace(/\/+$/, '');
  const ask = async (target: URL, headers: Record<string, string>): Promise<unknown> => {
    try {
      return await retrying(
        async (own) => parsed(await client.call('GET', target, headers, AbortSignal.any([own, signal]))),
        policy,
        signal,
      );
    } catch (error) {
      signal.throwIfAborted();
      const said = clean(error instanceof Error ? error.message : String(error), env) || 'no reason given';
      const status = error instanceof HttpError ? error.status : null;
      const code = error instanceof HttpError ? error.code : '';
      const tried = isTransient(error) ? ` (tried ${policy.attempts} times)` : '';
      const answer = isNetwork(error) || statusOf(error) === null ? 'does not answer' : `answers ${status}`;
      throw new ServerRefusal(`${root} ${answer}: ${said}${tried}`, status, code, error);
    }
  };
  return {
    place: root,
    get(route, query = [], workspace) {
      const target = new URL(`${root}${route}`);
      for (const [name, value] of query) target.searchParams.append(name, value);
      return ask(target, workspace === undefined ? {} : { 'X-MLFLOW-WORKSPACE': workspace });
    },
    close: () => client.close(),
  };
}

/** An answer that is cut off is asked for again. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw Object.assign(new Error('the answer is no JSON, or cut off'), { code: 'PARSE_ERROR' });
  }
}

import { readFileSync } from 'node:fs';
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { isTrue } from './context.js';

/** An answer that is no 2xx. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly retryAfterMs: number | undefined,
    /** No further try helps, whatever the status. */
    readonly final: boolean,
  ) {
    super(message);
  }
}

type Env = Readonly<Record<string, string | undefined>>;

/** A connection to a tracking server, with MLflow's `MLFLOW_TRACKING_*` settings; each call is one try. */
export interface HttpClient {
  call(
    method: 'GET' | 'DELETE',
    url: URL,
    headers: Record<string, string>,
    signal: AbortSignal,
  ): Promise<string>;
  close(): void;
}

/** @param credentials whether the user's name, password or token may go to this server */
export function httpClient(base: URL, env: Env, sockets: number, credentials: boolean): HttpClient {
  const secure = base.protocol === 'https:';
  const file = (path: string | undefined) => (path ? readFileSync(path) : undefined);
  const client = file(env.MLFLOW_TRACKING_CLIENT_CERT_PATH);
  const options = { keepAlive: true, maxSockets: sockets };
  const agent = secure
    ? new HttpsAgent({
        ...options,
        rejectUnauthorized: !isTrue(env.MLFLOW_TRACKING_INSECURE_TLS),
        ca: file(env.MLFLOW_TRACKING_SERVER_CERT_PATH),
        ...(client ? { cert: client, key: client } : {}),
      })
    : new HttpAgent(options);
  const authorization = credentials ? authorizationOf(base, env) : null;
  return {
    call(method, url, headers, signal) {
      const all = { accept: 'application/json', ...headers, ...(authorization ? { authorization } : {}) };
      return once(secure ? httpsRequest : httpRequest, url, { method, agent, headers: all, signal });
    },
    close: () => agent.destroy(),
  };
}

function once(
  request: typeof httpRequest,
  url: URL,
  options: Parameters<typeof httpRequest>[1],
): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request(url, options, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('error', reject);
      answer.on('end', () => {
        const text = Buffer.concat(parts).toString('utf8');
        const status = answer.statusCode ?? 0;
        if (status >= 200 && status < 300) resolve(text);
        else reject(errorOf(status, text, answer.headers['retry-after']));
      });
    });
    sent.on('error', reject);
    sent.end();
  });
}

function errorOf(status: number, text: string, retryAfter: string | undefined): HttpError {
  let [code, message] = ['', text.replace(/<[^>]*>/g, ' ').slice(0, 300)];
  try {
    const body = JSON.parse(text) as { error_code?: string; message?: string };
    [code, message] = [body.error_code ?? '', body.message ?? message];
  } catch {
    // Not MLflow's own answer: a proxy's, as text.
  }
  const seconds = Number(retryAfter);
  const wait = Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined;
  // A server that serves no artifacts says so with a 503 (mlflow/server/handlers.py), which no waiting mends.
  return new HttpError(status, code, message, wait, message.includes('--no-serve-artifacts'));
}

/** The URL's own user, then the environment, then `~/.mlflow/credentials`, as in mlflow/utils/credentials.py. */
function authorizationOf(base: URL, env: Env): string | null {
  const basic = (user: string, password: string) =>
    `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  if (base.username) return basic(decodeURIComponent(base.username), decodeURIComponent(base.password));
  const file = credentialsFile();
  const user = env.MLFLOW_TRACKING_USERNAME || file.mlflow_tracking_username;
  const password = env.MLFLOW_TRACKING_PASSWORD || file.mlflow_tracking_password;
  if (user && password) return basic(user, password);
  return env.MLFLOW_TRACKING_TOKEN ? `Bearer ${env.MLFLOW_TRACKING_TOKEN}` : null;
}

function credentialsFile(): Record<string, string> {
  let text: string;
  try {
    text = readFileSync(join(homedir(), '.mlflow', 'credentials'), 'utf8');
  } catch {
    return {};
  }
  const section = /^\[mlflow\][^\S\n]*\n([^[]*)/m.exec(text)?.[1] ?? '';
  return Object.fromEntries(
    [...section.matchAll(/^\s*(\w+)\s*[=:]\s*(.*?)\s*$/gm)].map((match) => [
      (match[1] as string).toLowerCase(),
      match[2] as string,
    ]),
  );
}

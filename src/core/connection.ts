import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Dialect, Session } from '../dialects/dialect.js';
import { type DatabaseUri, parseUri } from '../dialects/index.js';
import { ExitCode, MltrackError, usageError } from '../errors.js';
import type { Listener } from './events.js';
import type { Stop } from './stop.js';

interface PasswordOptions {
  readonly passwordFile?: string;
  readonly passwordStdin?: true;
}

/** What a command's argument or MLflow's variables say. @throws exit 2 without either */
export function uriText(argument: string | undefined, env: NodeJS.ProcessEnv): string {
  const text = argument || env.MLFLOW_BACKEND_STORE_URI || env.MLFLOW_TRACKING_URI;
  if (text) return text;
  throw usageError(
    'no database URI',
    'give it as the argument, or set MLFLOW_BACKEND_STORE_URI',
    'examples: sqlite:///mlflow.db, postgresql://user@host:5432/mlflow',
  );
}

/**
 * The URI a command works on: its argument, else MLflow's variables; the password from where the options say, so
 * that it need not stand in the process list.
 *
 * @throws exit 2
 */
export async function databaseUri(
  argument: string | undefined,
  env: NodeJS.ProcessEnv,
  options: PasswordOptions,
  stop: Stop,
): Promise<DatabaseUri> {
  const uri = parseUri(uriText(argument, env));
  if (options.passwordFile && options.passwordStdin)
    throw usageError('--password-file and --password-stdin exclude each other', 'leave one of them out');
  if (options.passwordFile) return { ...uri, password: firstLine(readPasswordFile(options.passwordFile)) };
  if (options.passwordStdin) return { ...uri, password: await lineOfInput(stop) };
  return uri;
}

function readPasswordFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw usageError(
      `the password file cannot be read: ${path} (${(error as NodeJS.ErrnoException).code})`,
      'check its path, owner and mode',
    );
  }
}

const firstLine = (text: string): string => text.split(/\r?\n/, 1)[0] ?? '';

/** The first line of standard input; whoever writes it need not close the pipe. */
async function lineOfInput(stop: Stop): Promise<string> {
  const { createInterface } = await import('node:readline');
  const lines = createInterface({ input: process.stdin });
  const release = stop.onRequest(() => lines.close());
  try {
    for await (const line of lines) return line;
    return '';
  } finally {
    release();
    lines.close();
    process.stdin.destroy();
    stop.check();
  }
}

interface Waiting {
  readonly lockWaitMs: number;
  readonly waitMs: number;
  readonly lockTimeoutMs?: number;
  readonly statementTimeoutMs?: number;
  readonly readOnly?: boolean;
  readonly untouched?: boolean;
  readonly online?: { readonly bigFrom: number };
  readonly stop: Stop;
  readonly listen: Listener;
}

/** Connects; with `waitMs` keeps trying while the server cannot be reached (init containers start before it). */
export async function connectTo(dialect: Dialect, uri: DatabaseUri, options: Waiting): Promise<Session> {
  const until = Date.now() + options.waitMs;
  for (let told = false; ; ) {
    options.stop.check();
    try {
      return await dialect.connect(uri, {
        lockWaitMs: options.lockWaitMs,
        ...(options.lockTimeoutMs === undefined ? {} : { lockTimeoutMs: options.lockTimeoutMs }),
        ...(options.statementTimeoutMs === undefined
          ? {}
          : { statementTimeoutMs: options.statementTimeoutMs }),
        ...(options.readOnly ? { readOnly: true } : {}),
        ...(options.untouched ? { untouched: true } : {}),
        ...(options.online ? { online: options.online } : {}),
        onWait: (reason) => options.listen({ event: 'waiting', reason }),
        onMissing: (place) =>
          options.listen({
            event: 'warning',
            message: `there is no file ${place}: it is looked at as an empty database, which an upgrade would make`,
          }),
      });
    } catch (error) {
      options.stop.check();
      const unreachable = error instanceof MltrackError && error.exitCode === ExitCode.unreachable;
      if (!unreachable || Date.now() >= until) throw error;
      if (!told) options.listen({ event: 'waiting', reason: error.message });
      told = true;
      await sleep(Math.min(1000, Math.max(until - Date.now(), 0)));
    }
  }
}

/** Closes the session whatever happens. */
export async function withSession<T>(session: Session, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    await session.close();
  }
}

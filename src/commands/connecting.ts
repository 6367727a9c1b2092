import type { Command } from 'commander';
import { connectTo, databaseUri } from '../core/connection.js';
import { parseDuration } from '../core/duration.js';
import type { Listener } from '../core/events.js';
import type { Stop } from '../core/stop.js';
import { type Dialect, defaultBigFrom, type Session } from '../dialects/dialect.js';
import { type DatabaseUri, loadDialect } from '../dialects/index.js';
import { usageError } from '../errors.js';

/** What every command that opens a database takes. */
export interface ConnectingOptions {
  wait: string;
  passwordFile?: string;
  passwordStdin?: true;
  online?: true;
  onlineFrom?: string;
}

/** What a command that changes the database takes beside it. */
export interface LockingOptions extends ConnectingOptions {
  lockWait: string;
  lockTimeout: string;
  statementTimeout?: string;
}

export const uriArgument = [
  '[db_uri]',
  'SQLAlchemy URI (default: MLFLOW_BACKEND_STORE_URI, then MLFLOW_TRACKING_URI)',
] as const;

/** Adds the options of `ConnectingOptions`. */
export const withConnecting = (command: Command): Command =>
  command
    .option('--wait <duration>', 'keep trying to connect for so long', '0s')
    .option('--password-file <file>', 'read the password from the first line of a file')
    .option('--password-stdin', 'read the password from the first line of standard input');

/** Adds `--online` and `--online-from`. */
export const withOnline = (command: Command): Command =>
  command
    .option('--online', 'beside a running server: big indexes are built while others write (docs/online.md)')
    .option('--online-from <MiB>', 'with --online: a table is big from so many MiB of rows on (default: 32)');

/** Adds the options of `LockingOptions`. */
export const withLocking = (command: Command): Command =>
  withConnecting(command)
    .option('--lock-wait <duration>', 'wait so long for another runner or writer', '10m')
    .option('--lock-timeout <duration>', 'let one statement wait so long for a lock, then step back', '10s')
    .option('--statement-timeout <duration>', 'end the work when one statement runs so long');

/** A database that is open, with its URI and how long to wait for its lock. */
export interface Opened {
  readonly session: Session;
  readonly uri: DatabaseUri;
  readonly lockWaitMs: number;
}

/** The URI that a command line means, with its password. @throws exit 2 */
export const uriOf = (
  text: string | undefined,
  options: ConnectingOptions,
  stop: Stop,
): Promise<DatabaseUri> => databaseUri(text, process.env, options, stop);

/**
 * Opens a database to read only: its lock is not asked for, and a writer is waited for a little.
 *
 * @param how untouched: of a database that is a file not even a time changes
 */
export async function openToRead(
  uri: DatabaseUri,
  options: ConnectingOptions,
  stop: Stop,
  listen: Listener,
  how: { readonly untouched?: true } = {},
): Promise<Opened> {
  const lockWaitMs = 10_000;
  const waitMs = parseDuration(options.wait, '--wait');
  const dialect = await dialectOf(uri, options);
  const waiting = { lockWaitMs, waitMs, readOnly: true, ...how, ...onlineOf(options), stop, listen };
  const session = await connectTo(dialect, uri, waiting);
  return { session, uri, lockWaitMs };
}

/** Opens a database to change it. @throws exit 2 for durations that are none, 9 where it cannot be reached */
export async function openToChange(
  uri: DatabaseUri,
  options: LockingOptions,
  stop: Stop,
  listen: Listener,
): Promise<Opened> {
  const waits = durationsOf(options);
  const dialect = await dialectOf(uri, options);
  const session = await connectTo(dialect, uri, { ...waits, ...onlineOf(options), stop, listen });
  return { session, uri, lockWaitMs: waits.lockWaitMs };
}

/** @throws exit 2 for `--online` where nothing can be done online */
async function dialectOf(uri: DatabaseUri, options: ConnectingOptions): Promise<Dialect> {
  const { online } = onlineOf(options);
  const dialect = await loadDialect(uri.dialect);
  if (online && dialect.offline !== null)
    throw usageError(`--online does nothing on ${dialect.label}: ${dialect.offline}`, 'leave it out');
  return dialect;
}

/** @throws exit 2 for a size that is none, or that is of no use */
function onlineOf({ online, onlineFrom }: ConnectingOptions): { online?: { bigFrom: number } } {
  if (onlineFrom !== undefined && !(online && /^\d{1,9}$/.test(onlineFrom)))
    throw usageError(
      online ? `--online-from is no number of MiB: ${onlineFrom}` : '--online-from goes with --online only',
      'example: --online --online-from 100',
    );
  if (!online) return {};
  return { online: { bigFrom: onlineFrom === undefined ? defaultBigFrom : Number(onlineFrom) * 2 ** 20 } };
}

/** The durations of a command line, in milliseconds. @throws exit 2 */
export function durationsOf(options: LockingOptions) {
  const { statementTimeout } = options;
  return {
    waitMs: parseDuration(options.wait, '--wait'),
    lockWaitMs: parseDuration(options.lockWait, '--lock-wait'),
    lockTimeoutMs: parseDuration(options.lockTimeout, '--lock-timeout'),
    ...(statementTimeout === undefined
      ? {}
      : { statementTimeoutMs: parseDuration(statementTimeout, '--statement-timeout') }),
  };
}

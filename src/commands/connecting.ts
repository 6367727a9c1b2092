import type { Command } from 'commander';
import { connectTo, databaseUri } from '../core/connection.js';
import { parseDuration } from '../core/duration.js';
import type { Listener } from '../core/events.js';
import type { Stop } from '../core/stop.js';
import type { Session } from '../dialects/dialect.js';
import { type DatabaseUri, loadDialect } from '../dialects/index.js';

/** What every command that opens a database takes. */
export interface ConnectingOptions {
  wait: string;
  passwordFile?: string;
  passwordStdin?: true;
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
  const dialect = await loadDialect(uri.dialect);
  const waiting = { lockWaitMs, waitMs, readOnly: true, ...how, stop, listen };
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
  const dialect = await loadDialect(uri.dialect);
  const session = await connectTo(dialect, uri, { ...waits, stop, listen });
  return { session, uri, lockWaitMs: waits.lockWaitMs };
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

import type { Command } from 'commander';
import { type Opened, openChanging, openReading } from '../api/connecting.js';
import { databaseUri } from '../core/connection.js';
import { parseDuration } from '../core/duration.js';
import type { Listener } from '../core/events.js';
import type { Stop } from '../core/stop.js';
import type { DatabaseUri } from '../dialects/index.js';
import { usageError } from '../errors.js';
import { group } from '../render/help-texts.js';

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
    .optionsGroup(group.connection)
    .option('--wait <duration>', 'keep trying to connect', '0s')
    .option('--password-file <file>', 'the password is the first line of a file')
    .option('--password-stdin', 'the password is the first line of input');

/** Adds `--online` and `--online-from`. */
export const withOnline = (command: Command): Command =>
  command
    .optionsGroup(group.online)
    .option('--online', 'build big indexes while others write')
    .option('--online-from <MiB>', 'big is a table from so much on (default: 32)');

/** Adds the options of `LockingOptions`. */
export const withLocking = (command: Command): Command =>
  withConnecting(command)
    .optionsGroup(group.waiting)
    .option('--lock-wait <duration>', 'for another runner or writer', '10m')
    .option('--lock-timeout <duration>', 'for one lock, then step back', '10s')
    .option('--statement-timeout <duration>', 'end it when a statement runs so long');

/** The URI that a command line means, with its password. @throws exit 2 */
export const uriOf = (
  text: string | undefined,
  options: ConnectingOptions,
  stop: Stop,
): Promise<DatabaseUri> => databaseUri(text, process.env, options, stop);

/** Opens a database to read only, as `openReading` does. @throws exit 2, 9 */
export const openToRead = (
  uri: DatabaseUri,
  options: ConnectingOptions,
  stop: Stop,
  listen: Listener,
  how: { readonly untouched?: true } = {},
): Promise<Opened> =>
  openReading(
    uri,
    { waitMs: parseDuration(options.wait, '--wait'), ...onlineOf(options), listen },
    stop,
    how,
  );

/** Opens a database to change it. @throws exit 2 for durations that are none, 9 where it cannot be reached */
export const openToChange = async (
  uri: DatabaseUri,
  options: LockingOptions,
  stop: Stop,
  listen: Listener,
): Promise<Opened> => openChanging(uri, { ...durationsOf(options), ...onlineOf(options), listen }, stop);

/** What a command line says about the connection, as the library takes it. @throws exit 2 */
export const connectionOf = (options: ConnectingOptions, stop: Stop) => ({
  waitMs: parseDuration(options.wait, '--wait'),
  ...onlineOf(options),
  signal: stop.signal,
});

/** The same of a command that changes the database. @throws exit 2 */
export const changingOf = (options: LockingOptions, stop: Stop) => ({
  ...durationsOf(options),
  ...onlineOf(options),
  signal: stop.signal,
});

/** @throws exit 2 for a size that is none, or that is of no use */
function onlineOf({ online, onlineFrom }: ConnectingOptions): { online?: boolean | { bigFrom: number } } {
  if (onlineFrom !== undefined && !(online && /^\d{1,9}$/.test(onlineFrom)))
    throw usageError(
      online ? `--online-from is no number of MiB: ${onlineFrom}` : '--online-from goes with --online only',
      'example: --online --online-from 100',
    );
  if (!online) return {};
  return { online: onlineFrom === undefined ? true : { bigFrom: Number(onlineFrom) * 2 ** 20 } };
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

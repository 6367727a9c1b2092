import { connectTo, withSession } from '../core/connection.js';
import type { Listener } from '../core/events.js';
import { type Stop, withStop } from '../core/stop.js';
import { type Dialect, defaultBigFrom, type Session } from '../dialects/dialect.js';
import { type DatabaseUri, loadDialect, parseUri } from '../dialects/index.js';
import { usageError } from '../errors.js';
import type { ChangingOptions, ConnectingOptions, Database, OnlineOptions } from './options.js';

/** For how long to wait for one lock where nobody says. */
export const defaultLockTimeoutMs = 10_000;

/** A database that is open, with its URI and how long to wait for its lock. */
export interface Opened {
  readonly session: Session;
  readonly uri: DatabaseUri;
  readonly lockWaitMs: number;
}

/** What is done with a database that is open. */
export interface Working extends Opened {
  readonly stop: Stop;
  readonly listen: Listener;
}

/** Opens a database to read only, works and closes it, whatever happens. */
export const reading = <T>(
  database: Database,
  options: ConnectingOptions & OnlineOptions,
  work: (working: Working) => Promise<T>,
  how: { readonly untouched?: true } = {},
): Promise<T> =>
  withStop(options.signal, async (stop) => {
    const opened = await openReading(uriFrom(database, options), options, stop, how);
    return withSession(opened.session, () => work({ ...opened, stop, listen: listenerOf(options) }));
  });

/** Opens a database to change it, works and closes it, whatever happens. */
export const changing = <T>(
  database: Database,
  options: ChangingOptions & OnlineOptions,
  work: (working: Working) => Promise<T>,
): Promise<T> =>
  withStop(options.signal, async (stop) => {
    const opened = await openChanging(uriFrom(database, options), options, stop);
    return withSession(opened.session, () => work({ ...opened, stop, listen: listenerOf(options) }));
  });

/** The URI taken apart, with the password of the options. @throws exit 2 */
export function uriFrom(database: Database, { password }: Pick<ConnectingOptions, 'password'>): DatabaseUri {
  const uri = typeof database === 'string' ? parseUri(database) : database;
  return password === undefined ? uri : { ...uri, password };
}

/** Who is told; without one nobody. */
export const listenerOf = ({ listen }: Pick<ConnectingOptions, 'listen'>): Listener =>
  listen ?? (() => undefined);

/**
 * Opens a database to read only: its lock is not asked for, and a writer is waited for a little.
 *
 * @param how untouched: of a database that is a file not even a time changes
 * @throws exit 9 where it cannot be reached
 */
export async function openReading(
  uri: DatabaseUri,
  options: ConnectingOptions & OnlineOptions,
  stop: Stop,
  how: { readonly untouched?: true } = {},
): Promise<Opened> {
  const lockWaitMs = 10_000;
  const waiting = { lockWaitMs, waitMs: options.waitMs ?? 0, readOnly: true, ...how };
  const dialect = await dialectOf(uri, options);
  const session = await connectTo(dialect, uri, { ...waiting, ...common(options), stop });
  return { session, uri, lockWaitMs };
}

/** Opens a database to change it. @throws exit 9 where it cannot be reached */
export async function openChanging(
  uri: DatabaseUri,
  options: ChangingOptions & OnlineOptions,
  stop: Stop,
): Promise<Opened> {
  const {
    waitMs = 0,
    lockWaitMs = 600_000,
    lockTimeoutMs = defaultLockTimeoutMs,
    statementTimeoutMs,
  } = options;
  const waits = {
    ...{ waitMs, lockWaitMs, lockTimeoutMs },
    ...(statementTimeoutMs === undefined ? {} : { statementTimeoutMs }),
  };
  const dialect = await dialectOf(uri, options);
  const session = await connectTo(dialect, uri, { ...waits, ...common(options), stop });
  return { session, uri, lockWaitMs };
}

const common = (options: ConnectingOptions & OnlineOptions) => ({
  ...(options.online
    ? { online: options.online === true ? { bigFrom: defaultBigFrom } : options.online }
    : {}),
  listen: listenerOf(options),
});

/** @throws exit 2 for `online` where nothing can be done online */
async function dialectOf(uri: DatabaseUri, { online }: OnlineOptions): Promise<Dialect> {
  const dialect = await loadDialect(uri.dialect);
  if (online && dialect.offline !== null)
    throw usageError(`--online does nothing on ${dialect.label}: ${dialect.offline}`, 'leave it out');
  return dialect;
}

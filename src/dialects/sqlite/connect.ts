import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { blockedError, usageError } from '../../errors.js';
import type { ConnectOptions, Dialect } from '../dialect.js';
import { silent } from '../knex-log.js';
import type { DatabaseUri } from '../uri.js';
import { translate } from './errors.js';
import { filePath, inspectFile } from './file.js';
import { closeFile, type Opened, SqliteSession } from './session.js';
import { otherWayOf, sizeOf, wayOf } from './untouched.js';

/** The oldest SQLite that MLflow 3 accepts (mlflow/store/db/utils.py, `_check_sqlite_version`). */
const minimumVersion = [3, 31] as const;

/** What pysqlite takes in the query part; only `timeout` and `mode` mean something here. */
const knownOptions = new Set([
  ...['timeout', 'mode', 'uri', 'cache', 'check_same_thread', 'isolation_level', 'detect_types'],
  ...['cached_statements', 'nolock', 'immutable'],
]);

/** Opens an SQLite file; nothing is read from it beyond its header. */
export async function connect(
  dialect: Dialect,
  uri: DatabaseUri,
  options: ConnectOptions,
): Promise<SqliteSession> {
  for (const name of uri.query.keys())
    if (!knownOptions.has(name))
      throw usageError(
        `unknown option "${name}" in the SQLite URI`,
        `one of: ${[...knownOptions].join(', ')}`,
      );
  const readOnly = options.readOnly === true || options.untouched === true;
  if (!readOnly && (uri.query.get('mode') === 'ro' || uri.query.get('immutable') === '1'))
    throw blockedError(
      'the URI opens the database read-only',
      'an upgrade needs to write: leave the option out',
    );
  const timeoutMs = Number(uri.query.get('timeout') ?? 0) * 1000;
  if (!(timeoutMs >= 0))
    throw usageError('?timeout= in the SQLite URI is not a number of seconds', 'example: ?timeout=30');
  const lockWaitMs = Math.max(options.lockWaitMs, timeoutMs);
  const version = await driverVersion();
  const path = filePath(uri);
  inspectFile(path, readOnly);
  if (readOnly && !existsSync(path)) options.onMissing?.(path);
  const again = () => (options.untouched ? openUntouched(path) : open(path, readOnly));
  const opened = await again();
  return new SqliteSession(
    { dialect, place: path, server: `SQLite ${version}`, ...(options.untouched ? { again } : {}) },
    opened,
    { ...options, lockWaitMs },
  );
}

/** Opens a file so that nothing of it changes; see `Way`. */
async function openUntouched(path: string): Promise<Opened> {
  if (sizeOf(path) <= 0) return openFile(':memory:', path);
  let way = wayOf(path);
  let opened = await openFile(way.filename, path, ['OPEN_URI']);
  if (await isRefused(opened, path)) {
    way.forget?.();
    way = otherWayOf(path);
    opened = await openFile(way.filename, path);
  }
  try {
    // Of a copy this makes SQLite roll back; afterwards nothing is to be written to it either.
    if (way.forget) await opened.knex.raw('SELECT 1 FROM sqlite_master LIMIT 1').connection(opened.handle);
    for (const pragma of ['query_only = ON', 'temp_store = MEMORY'])
      await opened.knex.raw(`PRAGMA ${pragma}`).connection(opened.handle);
  } catch (error) {
    await closeFile(opened);
    way.forget?.();
    throw translate(error, path);
  }
  return { ...opened, way };
}

/** Whether SQLite needs to write before it can read. Where somebody is writing just now, the session will wait. */
async function isRefused(opened: Opened, path: string): Promise<boolean> {
  try {
    await opened.knex.raw('SELECT 1 FROM sqlite_master LIMIT 1').connection(opened.handle);
    return false;
  } catch (error) {
    const { code = '' } = error as { code?: string };
    if (code === 'SQLITE_BUSY') return false;
    await closeFile(opened);
    if (/READONLY|CANTOPEN/.test(code)) return true;
    throw translate(error, path);
  }
}

/**
 * To read only, a missing file is an empty database. A file whose journal is left from a crash can be read only by
 * who rolls it back first, and so is one in WAL mode whose index has to be made: there it is opened as usual, and
 * `query_only` keeps writes out.
 */
async function open(path: string, readOnly: boolean): Promise<Opened> {
  if (!readOnly) return openFile(path, path);
  if (!existsSync(path)) return openFile(':memory:', path);
  // Knex always asks for OPEN_READWRITE; the mode in a URI takes it back (https://www.sqlite.org/uri.html).
  const opened = await openFile(`${pathToFileURL(path).href}?mode=ro`, path, ['OPEN_URI']);
  try {
    await opened.knex.raw('SELECT 1 FROM sqlite_master LIMIT 1').connection(opened.handle);
    return opened;
  } catch (error) {
    // Somebody writes: the session will wait for it.
    if ((error as { code?: string }).code === 'SQLITE_BUSY') return opened;
    await closeFile(opened);
    if (!/READONLY|CANTOPEN/.test((error as { code?: string }).code ?? '')) throw translate(error, path);
    return openFile(path, path);
  }
}

async function openFile(filename: string, place: string, flags: readonly string[] = []): Promise<Opened> {
  const { default: createKnex } = await import('knex');
  const knex = createKnex({
    client: 'sqlite3',
    log: silent,
    connection: { filename, ...(flags.length > 0 ? { flags: [...flags] } : {}) },
    useNullAsDefault: true,
    pool: { min: 1, max: 1 },
  });
  const handle = await knex.client.acquireConnection().catch(async (error: unknown) => {
    await knex.destroy();
    throw translate(error, place);
  });
  return { knex, handle };
}

/** The SQLite inside the driver, without a query: even `SELECT sqlite_version()` waits for a locked file. */
async function driverVersion(): Promise<string> {
  const { default: driver } = await import('sqlite3');
  const [major = 0, minor = 0] = driver.VERSION.split('.').map(Number);
  const [neededMajor, neededMinor] = minimumVersion;
  if (major < neededMajor || (major === neededMajor && minor < neededMinor))
    throw blockedError(
      `this build of SQLite is ${driver.VERSION}; MLflow needs ${minimumVersion.join('.')} or newer`,
      'install mltrack again, with its own sqlite3',
    );
  return driver.VERSION;
}

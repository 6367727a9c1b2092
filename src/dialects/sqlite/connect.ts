import { blockedError, usageError } from '../../errors.js';
import type { ConnectOptions, Dialect } from '../dialect.js';
import type { DatabaseUri } from '../uri.js';
import { translate } from './errors.js';
import { filePath, inspectFile } from './file.js';
import { SqliteSession } from './session.js';

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
  if (uri.query.get('mode') === 'ro' || uri.query.get('immutable') === '1')
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
  inspectFile(path);
  const { default: createKnex } = await import('knex');
  const knex = createKnex({
    client: 'sqlite3',
    connection: { filename: path },
    useNullAsDefault: true,
    pool: { min: 1, max: 1 },
  });
  const handle = await knex.client.acquireConnection().catch(async (error: unknown) => {
    await knex.destroy();
    throw translate(error, path);
  });
  return new SqliteSession(dialect, knex, handle, path, `SQLite ${version}`, { ...options, lockWaitMs });
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

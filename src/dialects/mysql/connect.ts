import type { Knex } from 'knex';
import { blockedError, usageError } from '../../errors.js';
import type { ConnectOptions, Dialect } from '../dialect.js';
import { silent } from '../knex-log.js';
import { type DatabaseUri, redact } from '../uri.js';
import { exactDoubles } from './doubles.js';
import { explain } from './explain.js';
import type { Flavour } from './flavour.js';
import { unwantedModes } from './modes.js';
import { Online } from './online.js';
import { accountOf } from './rights.js';
import { MysqlSession } from './session.js';
import { sslOf } from './ssl.js';

/** What SQLAlchemy's MySQL drivers take in the query part; those without a meaning here do no harm. */
const knownOptions = new Set(
  `charset collation use_unicode unix_socket connect_timeout read_timeout write_timeout init_command sql_mode
   local_infile autocommit binary_prefix program_name max_allowed_packet bind_address server_public_key
   ssl ssl_ca ssl_cert ssl_key ssl_capath ssl_cipher ssl_disabled ssl_mode ssl_verify_cert ssl_verify_identity
   ssl_check_hostname ssl_key_password client_flag compress auth_plugin conv`.split(/\s+/),
);

/** The oldest servers with CHECK constraints and window functions, which MLflow 3 needs. */
const oldest: Readonly<Record<Flavour, readonly number[]>> = { mysql: [8, 0, 16], mariadb: [10, 6] };

/** Connects once. @throws exit 9 when the server cannot be reached or does not let us in, exit 2 for bad options. */
export async function connect(
  dialects: Readonly<Record<Flavour, Dialect>>,
  uri: DatabaseUri,
  options: ConnectOptions,
): Promise<MysqlSession> {
  const settings = settingsOf(uri);
  const place = redact(uri);
  const { default: createKnex } = await import('knex');
  const knex = createKnex({
    client: 'mysql2',
    log: silent,
    // Saves Knex a question; what it would do differently for it is not used here.
    version: '8.0.0',
    connection: settings,
    pool: { min: 0, max: 2 },
    acquireConnectionTimeout: 2 ** 31 - 1,
  });
  try {
    // Outside the pool: the connection is never swapped for another one.
    const handle = await knex.client.acquireRawConnection();
    return await openSession(dialects, knex, handle, uri, place, options);
  } catch (error) {
    await knex.destroy();
    throw explain(error, uri, place);
  }
}

async function openSession(
  dialects: Readonly<Record<Flavour, Dialect>>,
  knex: Knex,
  handle: ConstructorParameters<typeof MysqlSession>[1],
  uri: DatabaseUri,
  place: string,
  options: ConnectOptions,
): Promise<MysqlSession> {
  const [[row]] = await knex
    .raw(
      'SELECT VERSION() AS version, @@SESSION.sql_mode AS mode, @@collation_database AS collation, CURRENT_USER() AS user',
    )
    .connection(handle);
  const flavour: Flavour = /mariadb/i.test(row.version) ? 'mariadb' : 'mysql';
  const dialect = dialects[flavour];
  const version =
    String(row.version)
      .replace(/^5\.5\.5-/, '')
      .split('-', 1)[0] ?? '';
  refuseOld(flavour, version, `${place} runs ${dialect.label} ${version}`);
  const online = options.online ? new Online(dialect, options.online.bigFrom) : null;
  const session = new MysqlSession(
    knex,
    handle,
    {
      dialect: online?.dialect ?? dialect,
      ...(online ? { online } : {}),
      flavour,
      place,
      server: `${dialect.label} ${version}`,
      database: uri.database,
      account: accountOf(row.user),
    },
    options,
  );
  await prepare(session, row.mode, row.collation);
  // Each statement is a transaction of its own; from here on the server itself refuses to write in one.
  if (options.readOnly) await session.query('SET SESSION TRANSACTION READ ONLY');
  return session;
}

function refuseOld(flavour: Flavour, version: string, what: string): void {
  const parts = version.split('.').map(Number);
  const needed = oldest[flavour];
  const at = needed.findIndex((part, i) => part !== (parts[i] ?? 0));
  if (at >= 0 && (parts[at] ?? 0) < (needed[at] ?? 0))
    throw blockedError(
      `${what}; MLflow needs ${oldest[flavour].join('.')} or newer`,
      'upgrade the server first',
    );
}

const unwanted = new RegExp(`^(${unwantedModes})$`);

/** The session's own settings: the server's mode without surprises, and constants compared as the database does. */
async function prepare(session: MysqlSession, mode: string, collation: string): Promise<void> {
  const kept = mode.split(',').filter((word) => word !== '' && !unwanted.test(word));
  const strict = kept.some((word) => /^STRICT_/.test(word)) ? kept : [...kept, 'STRICT_TRANS_TABLES'];
  const settings = [
    `NAMES utf8mb4${collation.startsWith('utf8mb4_') ? ` COLLATE ${collation}` : ''}`,
    `SESSION sql_mode = '${strict.join(',')}'`,
    ...['foreign_key_checks', 'unique_checks', 'autocommit'].map((name) => `SESSION ${name} = 1`),
    // MySQL keeps what its views tell of statistics for a day.
    ...(session.flavour === 'mysql' ? ['SESSION information_schema_stats_expiry = 0'] : []),
  ];
  await session.query(`SET ${settings.join(', ')}`);
}

function settingsOf(uri: DatabaseUri): Record<string, unknown> {
  const { query } = uri;
  if (query.has('read_default_file') || query.has('read_default_group'))
    throw usageError(
      'option files (read_default_file) are not read',
      'put host, port and user into the URI, and the password into --password-file',
    );
  for (const name of query.keys())
    if (!knownOptions.has(name))
      throw usageError(
        `unknown option "${name}" in the MySQL URI`,
        `one of: ${[...knownOptions].join(', ')}`,
      );
  if (uri.database === '')
    throw usageError('the MySQL URI names no database', 'write mysql://user@host:3306/mlflow');
  const timeout = query.get('connect_timeout') ?? '10';
  if (!/^\d+$/.test(timeout))
    throw usageError(
      '?connect_timeout= in the MySQL URI is not a number of seconds',
      'example: ?connect_timeout=30',
    );
  const ssl = sslOf(uri, process.env);
  const socket = query.get('unix_socket');
  return {
    ...(socket ? { socketPath: socket } : { host: uri.host ?? '127.0.0.1', port: uri.port ?? 3306 }),
    user: uri.username ?? undefined,
    password: uri.password ?? undefined,
    database: uri.database,
    charset: 'UTF8MB4_GENERAL_CI',
    connectTimeout: Number(timeout) * 1000,
    ...(ssl ? { ssl } : {}),
    supportBigNumbers: true,
    dateStrings: true,
    jsonStrings: true,
    typeCast: exactDoubles,
    connectAttributes: { program_name: 'mltrack' },
  };
}

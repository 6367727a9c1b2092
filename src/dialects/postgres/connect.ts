import { readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { userInfo } from 'node:os';
import type { Knex } from 'knex';
import { blockedError, unreachableError, usageError } from '../../errors.js';
import type { ConnectOptions, Dialect } from '../dialect.js';
import { silent } from '../knex-log.js';
import { type DatabaseUri, redact } from '../uri.js';
import type { PostgresSession } from './session.js';
import { sessionOf } from './session-online.js';

/** What libpq takes in a connection string (PostgreSQL manual, 34.1.2) and node-pg can honour or safely leave. */
const honoured = new Set(
  `host port user password dbname options sslmode sslrootcert sslcert sslkey connect_timeout application_name
   client_encoding target_session_attrs keepalives keepalives_idle keepalives_interval keepalives_count
   tcp_user_timeout gssencmode channel_binding sslsni krbsrvname`.split(/\s+/),
);

const sslModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'];

/** Connects once. @throws exit 9 when the server cannot be reached or does not let us in, exit 2 for bad options. */
export async function connect(
  dialect: Dialect,
  uri: DatabaseUri,
  options: ConnectOptions,
): Promise<PostgresSession> {
  for (const name of uri.query.keys())
    if (!honoured.has(name))
      throw usageError(
        `invalid connection option "${name}" in the PostgreSQL URI`,
        `one of: ${[...honoured].join(', ')}`,
      );
  const mode = uri.query.get('sslmode') ?? process.env.PGSSLMODE ?? 'prefer';
  if (!sslModes.includes(mode))
    throw usageError(`invalid sslmode "${mode}"`, `one of: ${sslModes.join(', ')}`);
  beNode();
  const { default: createKnex } = await import('knex');
  const place = redact(uri);
  let failure: unknown;
  for (const ssl of attempts(mode, uri)) {
    const sockets: Socket[] = [];
    const stream = () => sockets[sockets.push(new Socket()) - 1];
    const knex = createKnex({
      client: 'pg',
      log: silent,
      // Saves Knex a question; what it would do differently for it is not used here.
      version: '12.0',
      connection: { ...connectionOf(uri, ssl), stream },
      pool: { min: 0, max: 2 },
      acquireConnectionTimeout: 2 ** 31 - 1,
    });
    try {
      // Outside the pool: the connection is never swapped for another one.
      const handle = await knex.client.acquireRawConnection();
      return await openSession(dialect, knex, handle, place, options);
    } catch (error) {
      await knex.destroy();
      // Where node-pg itself gives up (no password) it leaves the connection open, for which the process would wait.
      for (const socket of sockets) socket.destroy();
      failure ??= error;
      if (!retryWithoutSsl(error)) throw explain(error, uri, place);
      failure = error;
    }
  }
  throw explain(failure, uri, place);
}

/**
 * Says what Node itself says from 21 on. Where there is no `navigator`, node-pg makes a `Response` to find out whether
 * it runs in a Cloudflare Worker (pg/lib/stream.js), for which Node reads its whole HTTP client: 19 ms and 5 MB.
 */
function beNode(): void {
  if (!('navigator' in globalThis))
    Object.defineProperty(globalThis, 'navigator', { value: { userAgent: 'Node.js' }, configurable: true });
}

async function openSession(
  dialect: Dialect,
  knex: Knex,
  handle: ConstructorParameters<typeof PostgresSession>[2],
  place: string,
  options: ConnectOptions,
): Promise<PostgresSession> {
  const { rows } = await knex
    .raw(
      `SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS number,
       current_user::text AS role, pg_backend_pid() AS process`,
    )
    .connection(handle);
  if (rows[0].number < 120_000)
    throw blockedError(
      `${place} runs PostgreSQL ${rows[0].version}; MLflow's generated columns need 12 or newer`,
      'upgrade the server first',
    );
  return sessionOf(dialect, knex, handle, place, options, rows[0]);
}

type Ssl =
  | false
  | {
      rejectUnauthorized: boolean;
      ca?: string;
      cert?: string;
      key?: string;
      checkServerIdentity?: () => undefined;
    };

/** The connections libpq would try, in its order (34.19.3, table of sslmode). Unix sockets never speak TLS. */
function attempts(mode: string, uri: DatabaseUri): Ssl[] {
  const host = uri.query.get('host') ?? uri.host ?? process.env.PGHOST ?? '/';
  if (mode === 'disable' || host.startsWith('/')) return [false];
  const file = (name: string) => {
    const path = uri.query.get(name);
    if (!path) return undefined;
    try {
      return readFileSync(path, 'utf8');
    } catch {
      throw usageError(
        `the file that ${name} names cannot be read: ${path}`,
        'check its path, owner and mode',
      );
    }
  };
  const [ca, cert, key] = [file('sslrootcert'), file('sslcert'), file('sslkey')];
  const verified = mode.startsWith('verify');
  const tls: Ssl = {
    rejectUnauthorized: verified,
    ...(ca ? { ca } : {}),
    ...(cert ? { cert } : {}),
    ...(key ? { key } : {}),
    ...(mode === 'verify-ca' ? { checkServerIdentity: () => undefined } : {}),
  };
  if (mode === 'prefer') return [tls, false];
  return mode === 'allow' ? [false, tls] : [tls];
}

const retryWithoutSsl = (error: unknown): boolean =>
  error instanceof Error &&
  /does not support SSL|no pg_hba.conf entry|SSL off|no encryption/i.test(error.message);

function connectionOf(uri: DatabaseUri, ssl: Ssl): Record<string, unknown> {
  const { query } = uri;
  const port = whole('port', query.get('port') ?? uri.port ?? process.env.PGPORT ?? 5432);
  const timeout = whole(
    'connect_timeout',
    query.get('connect_timeout') ?? process.env.PGCONNECT_TIMEOUT ?? 10,
  );
  const settings: Record<string, unknown> = {
    host: query.get('host') ?? uri.host ?? process.env.PGHOST ?? '/var/run/postgresql',
    port,
    user: query.get('user') ?? uri.username ?? process.env.PGUSER ?? userInfo().username,
    database: query.get('dbname') ?? (uri.database || process.env.PGDATABASE),
    application_name: query.get('application_name') ?? 'mltrack',
    connectionTimeoutMillis: timeout * 1000,
    keepAlive: query.get('keepalives') !== '0',
    ssl,
  };
  const password = query.get('password') ?? uri.password;
  if (password !== null) settings.password = password;
  const optionsText = query.get('options') ?? process.env.PGOPTIONS;
  if (optionsText) settings.options = optionsText;
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

function whole(name: string, value: string | number): number {
  if (/^\d+$/.test(String(value))) return Number(value);
  throw usageError(
    `the ${name} of the PostgreSQL URI or of the environment is not a whole number`,
    'correct it',
  );
}

/** What went wrong, in words, with the next step. */
function explain(error: unknown, uri: DatabaseUri, place: string): Error {
  if (!(error instanceof Error))
    return unreachableError(`cannot connect to ${place}`, error, 'check the URI and the server');
  const { code = '' } = error as { code?: string };
  const host = uri.query.get('host') ?? uri.host ?? 'the local socket';
  const user = uri.query.get('user') ?? uri.username ?? process.env.PGUSER ?? 'the current user';
  const database = uri.query.get('dbname') ?? uri.database;
  const known: Record<string, [string, string]> = {
    ECONNREFUSED: [`nothing listens at ${place}`, 'is the server up, and are host and port right?'],
    ENOTFOUND: [`the host "${host}" is not known`, 'check its spelling and the name server'],
    EAI_AGAIN: [
      `the host "${host}" could not be looked up just now`,
      'check the name server, or use --wait 60s',
    ],
    ENOENT: [
      `no server socket in ${host}`,
      'is the server up, and is ?host=/path the directory of its socket?',
    ],
    EHOSTUNREACH: [`no way to the host "${host}"`, 'check the network and the firewall'],
    ETIMEDOUT: [`${place} does not answer`, 'check the network and the firewall'],
    '28P01': [
      `the password of ${user} is wrong`,
      'special characters in a URI are written %XX; or use --password-file',
    ],
    '28000': [`${user} may not connect: ${error.message}`, "see the server's pg_hba.conf"],
    '3D000': [`the database "${database}" does not exist`, `create it first: createdb ${database}`],
    '53300': ['the server has no connection slot left', 'close some connections, or use --wait 60s'],
    '57P03': ['the server is starting up', 'use --wait 60s'],
  };
  const found = known[code] ?? known[(error as { errors?: { code: string }[] }).errors?.[0]?.code ?? ''];
  if (found) return unreachableError(`cannot connect: ${found[0]}`, error, found[1]);
  if (/SASL|client password must be a string/.test(error.message))
    return unreachableError(
      `cannot connect to ${place}: the server asks for a password and none was given`,
      error,
      'put it in the URI, in ~/.pgpass, in PGPASSWORD, or use --password-file',
    );
  if ('exitCode' in error) return error;
  if (/does not support SSL/.test(error.message))
    return unreachableError(
      `cannot connect to ${place}: the server does not speak TLS, which sslmode asks for`,
      error,
      'switch TLS on in the server; where the network is trusted, ?sslmode=prefer or disable does without',
    );
  return unreachableError(
    `cannot connect to ${place}: ${error.message}`,
    error,
    'check the URI and the server, or use --wait 60s',
  );
}

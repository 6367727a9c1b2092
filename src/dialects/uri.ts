import { usageError } from '../errors.js';
import { didYouMean, similar } from '../similar.js';
import type { DialectName } from './dialect.js';

/** A database URI in SQLAlchemy's form, taken apart and decoded. */
export interface DatabaseUri {
  readonly dialect: DialectName;
  readonly driver: string | null;
  readonly username: string | null;
  readonly password: string | null;
  readonly host: string | null;
  readonly port: number | null;
  readonly database: string;
  /** As written, for files whose name holds a per cent sign. */
  readonly rawDatabase: string;
  readonly query: ReadonlyMap<string, string>;
}

/** sqlalchemy/engine/url.py, `_parse_url`: the same parts in the same order. */
const pattern =
  /^(?<name>[\w+]+):\/\/(?:(?<username>[^:/]*)(?::(?<password>[^@]*))?@)?(?:(?:\[(?<ipv6>[^/?]+)\]|(?<host>[^/:?]+))?(?::(?<port>[^/?]*))?)?(?:\/(?<database>[^?]*))?(?:\?(?<query>.*))?$/s;

const dialectOf: Readonly<Record<string, DialectName>> = {
  sqlite: 'sqlite',
  postgresql: 'postgresql',
  postgres: 'postgresql',
  mysql: 'mysql',
  mariadb: 'mysql',
  mssql: 'mssql',
};

/** How URIs begin, for who types one; `file`: the path of a file goes on from there. */
export const uriStarts: readonly { readonly start: string; readonly says: string; readonly file?: true }[] = [
  { start: 'sqlite:///', says: 'SQLite: a file', file: true },
  { start: 'postgresql://', says: 'PostgreSQL' },
  { start: 'mysql://', says: 'MySQL or MariaDB' },
  { start: 'mssql://', says: 'SQL Server' },
];

/** What else people write, too far from the name to be taken for a slip. */
const otherNames: Readonly<Record<string, string>> = {
  ...{ pg: 'postgresql', pgsql: 'postgresql', psql: 'postgresql', psycopg2: 'postgresql' },
  ...{ sqlserver: 'mssql', pymysql: 'mysql', maria: 'mariadb' },
};

/**
 * Parses `<dialect>+<driver>://user:pass@host:port/db?options` as SQLAlchemy does.
 *
 * @throws exit 2 for what is not a database URI, saying what it is instead and what to do.
 */
export function parseUri(text: string): DatabaseUri {
  const parts = pattern.exec(text)?.groups;
  if (!parts) throw refuseOther(text);
  const [name = '', driver = null] = (parts.name as string).toLowerCase().split('+');
  const dialect = dialectOf[name];
  if (!dialect) throw refuseOther(text);
  const host = parts.ipv6 ?? parts.host ?? null;
  // A password with "@/" or "@?" in it goes on where the database or an option should stand.
  const options = (parts.query ?? '').split('&').filter((pair) => !/^(user|password)=/.test(pair));
  const after = dialect === 'sqlite' ? [] : [parts.database, ...options];
  if ([host, ...after].some((part) => part?.includes('@')))
    throw usageError(
      'the URI has more than one "@"',
      'write an "@" in the user name or password as %40 (and ":" as %3A, "/" as %2F, "#" as %23, "%" as %25)',
    );
  return {
    dialect,
    driver,
    username: decodeOrNull(parts.username),
    password: decodeOrNull(parts.password),
    host: host === null ? null : decode(host),
    port: readPort(parts.port),
    database: decode(parts.database ?? ''),
    rawDatabase: parts.database ?? '',
    query: readQuery(parts.query ?? ''),
  };
}

function readPort(text: string | undefined): number | null {
  if (text === undefined || text === '') return null;
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535)
    throw usageError(
      'the port in the URI is not a number between 1 and 65535',
      'a ":" or "/" in the password must be written %3A or %2F',
    );
  return port;
}

function readQuery(text: string): Map<string, string> {
  const query = new Map<string, string>();
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    const at = pair.indexOf('=');
    const [key, value] = at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
    query.set(decodePlus(key), decodePlus(value));
  }
  return query;
}

const decodePlus = (text: string): string => decode(text.replaceAll('+', ' '));
const decodeOrNull = (text: string | undefined): string | null => (text === undefined ? null : decode(text));

/** Percent-decodes; a stray "%" stays as it is, as in Python's unquote. */
function decode(text: string): string {
  return text.replace(/(?:%[0-9a-fA-F]{2})+/g, (run) => {
    const bytes = Buffer.from(run.replaceAll('%', ''), 'hex');
    return bytes.toString('utf8');
  });
}

/** The URI for people: no password, and no option that may hold one. */
export function redact(uri: DatabaseUri): string {
  const user = uri.username === null ? '' : `${uri.username}@`;
  const host = uri.host === null ? '' : uri.host.includes(':') ? `[${uri.host}]` : uri.host;
  const port = uri.port === null ? '' : `:${uri.port}`;
  return `${uri.dialect}://${user}${host}${port}/${uri.database}`;
}

/** What else people pass to MLflow as a store, and what to do about it. */
function refuseOther(text: string): Error {
  const scheme = /^([\w+.-]+):/.exec(text)?.[1]?.toLowerCase() ?? '';
  const kind = scheme.split('+')[0] ?? '';
  if (scheme === 'http' || scheme === 'https')
    return usageError(
      'an http(s) URI names a tracking server, not the database behind it',
      'run mltrack where the server runs, with the value of its --backend-store-uri',
    );
  if (/^databricks(-uc)?$/.test(kind || text))
    return usageError(
      'a Databricks workspace keeps its own database; there is nothing to upgrade',
      'name the database of a tracking server of your own',
    );
  if (scheme === 'file' || scheme === '' || /^[a-z]$/.test(scheme))
    return usageError(
      'that is a file store (a directory such as ./mlruns), which has no database and no schema: there is nothing to upgrade or check',
      '`mltrack gc --backend-store-uri <directory>` deletes for good what is deleted in it',
      'for an SQLite file write sqlite:///relative/path.db or sqlite:////absolute/path.db',
    );
  if (dialectOf[kind])
    return usageError(
      `that URI of ${kind} has another form: "://" stands behind the name`,
      `examples: ${uriStarts.map(({ start, file }) => `${start}${file ? 'mlflow.db' : 'user@host/mlflow'}`).join(', ')}`,
    );
  const other = otherNames[kind];
  const meant = other ? [other] : similar(kind, Object.keys(dialectOf));
  return usageError(
    `"${scheme}" is not a database URI that mltrack knows`,
    ...didYouMean(meant.map((name) => `${name}://`)),
    'examples: sqlite:///mlflow.db, postgresql://user@host:5432/mlflow, mysql://user@host:3306/mlflow, mssql://user@host:1433/mlflow',
  );
}

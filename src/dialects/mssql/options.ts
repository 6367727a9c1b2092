import { usageError } from '../../errors.js';
import type { DatabaseUri } from '../uri.js';
import { parseOdbc } from './odbc.js';

/** ODBC's names for one thing, in lower case; the first is what a message calls it. */
const names = {
  driver: ['driver'],
  server: ['server', 'address', 'addr', 'network address'],
  database: ['database'],
  user: ['uid', 'user'],
  password: ['pwd', 'password'],
  port: ['port'],
  encrypt: ['encrypt'],
  trust: ['trustservercertificate'],
  hostInCertificate: ['hostnameincertificate'],
  authentication: ['authentication'],
  trusted: ['trusted_connection', 'trustedconnection'],
  timeout: ['logintimeout', 'login_timeout', 'connect timeout', 'connection timeout', 'timeout'],
  app: ['app', 'appname', 'application name'],
  workstation: ['wsid'],
  intent: ['applicationintent'],
  multiSubnet: ['multisubnetfailover'],
  packetSize: ['packetsize'],
} satisfies Record<string, string[]>;

/** What changes nothing for one connection that runs DDL, or only how the Python driver works. */
const left = new Set(
  `mars_connection regional autotranslate quotedid ansinpw connectretrycount connectretryinterval language
   transparentnetworkipresolution retryexec charset tds_version autocommit ansi unicode_results
   fast_executemany use_setinputsizes description longasmax keepalive keepaliveinterval`.split(/\s+/),
);

type Name = keyof typeof names;

/** The options of a URI, under one name each. */
export type Options = Partial<Record<Name, string>>;

const drivers = ['pyodbc', 'pymssql', 'aioodbc', 'mssqlpython'];

const byName = new Map(
  Object.entries(names).flatMap(([name, spellings]) => spellings.map((text) => [text, name as Name])),
);

/**
 * What the URI says, as SQLAlchemy's drivers read it: `odbc_connect` stands for everything else.
 *
 * @throws exit 2 for an option that is not known; its value is never told
 */
export function readOptions(uri: DatabaseUri): Options {
  if (uri.driver !== null && !drivers.includes(uri.driver))
    throw usageError(
      `mssql+${uri.driver}:// is not a driver of SQLAlchemy's that mltrack can stand in for`,
      `one of: ${drivers.map((name) => `mssql+${name}://`).join(', ')}`,
    );
  const query = new Map([...uri.query].map(([name, value]) => [name.toLowerCase(), value]));
  const whole = query.get('odbc_connect');
  const given = whole === undefined ? query : parseOdbc(whole);
  const found: Options = whole === undefined ? ofUri(uri) : login(uri);
  for (const [text, value] of given) {
    const name = byName.get(text);
    if (name) found[name] = value;
    else if (text === 'dsn' || text === 'filedsn')
      throw usageError(
        'a data source name (DSN) is kept by ODBC, which mltrack does not use',
        'write the server and the database into the URI: mssql+pyodbc://user:password@host:1433/database',
      );
    else if (!left.has(text))
      throw usageError(
        `invalid connection option "${text}" in the SQL Server URI`,
        `one of: ${[...byName.keys(), ...left].join(', ')}`,
      );
  }
  return found;
}

/** pyodbc takes a host without a database for a DSN. */
function ofUri(uri: DatabaseUri): Options {
  if (uri.host !== null && uri.database === '' && uri.driver !== 'pymssql' && !uri.query.has('database'))
    throw usageError(
      'the URI names no database; SQLAlchemy takes its host for the name of an ODBC data source',
      'write mssql+pyodbc://user:password@host:1433/database',
    );
  return {
    // It brings a driver of its own, which encrypts as ODBC Driver 18 does.
    ...(uri.driver === 'mssqlpython' ? { driver: 'ODBC Driver 18' } : {}),
    ...(uri.host === null ? {} : { server: uri.host }),
    ...(uri.port === null ? {} : { port: String(uri.port) }),
    ...(uri.database === '' ? {} : { database: uri.database }),
    ...login(uri),
  };
}

/** Also beside an ODBC string, which may leave the password to a file. */
const login = (uri: DatabaseUri): Options => ({
  ...(uri.username === null ? {} : { user: uri.username }),
  ...(uri.password === null ? {} : { password: uri.password }),
});

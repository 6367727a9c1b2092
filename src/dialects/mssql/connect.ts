import type { Knex } from 'knex';
import type { Connection } from 'tedious';
import { blockedError } from '../../errors.js';
import type { ConnectOptions, Dialect } from '../dialect.js';
import { silent } from '../knex-log.js';
import { type DatabaseUri, redact } from '../uri.js';
import { type Config, configOf } from './config.js';
import { refusingPlainText } from './encrypted.js';
import { explain } from './explain.js';
import { readOptions } from './options.js';
import { MssqlSession } from './session.js';

/** Connects once. @throws exit 9 when the server cannot be reached or does not let us in, exit 2 for bad options. */
export async function connect(
  dialect: Dialect,
  uri: DatabaseUri,
  options: ConnectOptions,
): Promise<MssqlSession> {
  const config = configOf(readOptions(uri));
  const place = placeOf(uri, config);
  const { default: createKnex } = await import('knex');
  let failure: unknown;
  for (const connection of config.attempts) {
    const knex = createKnex({ client: 'mssql', log: silent, connection, pool: { min: 0, max: 1 } });
    const driver = refusingPlainText(knex.client.driver);
    // Knex asks for it each time it connects.
    knex.client._driver = () => driver;
    let handle: Connection | null = null;
    try {
      // Outside the pool: the connection is never swapped for another one.
      handle = (await knex.client.acquireRawConnection()) as Connection;
      return await openSession(dialect, knex, handle, place, options);
    } catch (error) {
      handle?.close();
      await knex.destroy();
      if (error instanceof Error && 'exitCode' in error) throw error;
      failure ??= error;
      if (!isAboutTls(error)) throw explain(error, config, place);
    }
  }
  throw explain(failure, config, place);
}

/** Where a server has no TLS to offer, or only such as this one does not speak. */
const isAboutTls = (error: unknown): boolean =>
  error instanceof Error &&
  /\b(tls|ssl|encrypt\w*|protocol version|certificate|handshake)\b/i.test(error.message);

/** The URI for people; of an ODBC string what it says. */
const placeOf = (uri: DatabaseUri, config: Config): string =>
  redact({
    ...uri,
    username: config.user,
    host: config.instance ? `${config.server}\\${config.instance}` : config.server,
    port: config.port,
    database: config.database,
  });

async function openSession(
  dialect: Dialect,
  knex: Knex,
  handle: Connection,
  place: string,
  options: ConnectOptions,
): Promise<MssqlSession> {
  const session = new MssqlSession({ dialect, place, knex, handle }, options);
  const [server] = await session.query<{
    version: string;
    engine: number;
    database: string;
    dbo: string | null;
  }>(
    `SELECT CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(128)) AS version,
            CAST(SERVERPROPERTY('EngineEdition') AS int) AS engine,
            DB_NAME() AS [database], SCHEMA_NAME() AS dbo`,
  );
  const { version = '0', engine = 0 } = server ?? {};
  // EngineEdition: 5, 8 and 12 are Azure's SQL Database, Managed Instance and Fabric, whose version says nothing.
  const inCloud = [5, 8, 12].includes(engine);
  if ([6, 11].includes(engine))
    throw blockedError(
      `${place} is Azure Synapse, which has no foreign keys; MLflow cannot live there`,
      'use Azure SQL Database or SQL Server',
    );
  if (!inCloud && Number.parseInt(version, 10) < 14)
    throw blockedError(
      `${place} runs SQL Server ${version}; MLflow's own upgrades need STRING_AGG, which came with 2017 (14.0)`,
      'upgrade the server first',
    );
  await session.limitWaits();
  session.server = inCloud ? 'Azure SQL' : `SQL Server ${version}`;
  return session;
}

import { type Connection, createConnection } from 'mysql2/promise';
import { inject } from 'vitest';
import { exactDoubles } from '../../src/dialects/mysql/doubles.js';
import type { Database } from './databases.js';
import type { ServerAddress } from './server.js';
import { uniqueName } from './unique-name.js';

type Kind = 'mysql' | 'mariadb';

/** An empty database on the MySQL or MariaDB of this run. */
export async function createMysql(kind: Kind): Promise<Database> {
  const server = inject(kind);
  if (!server) throw new Error(`no ${kind} here`);
  return createOn(kind, server);
}

/** Values as they are: no dates, no parsed JSON, integers that a number cannot hold as text. */
export const connectMysql = (
  { host, port, user, password }: ServerAddress,
  database?: string,
): Promise<Connection> =>
  createConnection({
    ...{ host, port, user, password, charset: 'utf8mb4' },
    ...{ supportBigNumbers: true, dateStrings: true, jsonStrings: true, typeCast: exactDoubles },
    ...(database === undefined ? {} : { database }),
  });

/** An empty database on a server that a test started itself. */
export async function createOn(kind: Kind, server: ServerAddress): Promise<Database> {
  const name = uniqueName();
  const connected = async <T>(
    work: (connection: Connection) => Promise<T>,
    database: string | undefined = name,
  ): Promise<T> => {
    const connection = await connectMysql(server, database);
    return work(connection).finally(() => connection.end());
  };
  const admin = await connectMysql(server);
  await admin.query(`CREATE DATABASE ${name}`).finally(() => admin.end());
  const { host, port, user, password } = server;
  return {
    kind,
    dialect: 'mysql',
    uri: `${kind}+pymysql://${user}:${encodeURIComponent(password)}@${host}:${port}/${name}`,
    run: (...statements) =>
      connected(async (connection) => {
        for (const sql of statements) await connection.query(sql);
      }),
    rows: (sql) =>
      connected(async (connection) => (await connection.query(sql))[0] as Record<string, unknown>[]),
    drop: () => connected(async (connection) => void (await connection.query(`DROP DATABASE ${name}`))),
  };
}

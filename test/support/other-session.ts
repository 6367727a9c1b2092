import pg from 'pg';
import sqlite3 from 'sqlite3';
import { inject } from 'vitest';
import { connectMysql } from './create-mysql.js';
import type { Database, ServerKind } from './databases.js';
import type { ServerAddress } from './server.js';
import { fileOf } from './snapshot.js';

type Row = Record<string, unknown>;

/** Somebody else who keeps the database: runs SQL on a connection of its own; `end` lets go. */
export interface Other {
  run(sql: string): Promise<Row[]>;
  end(): Promise<unknown>;
}

const connect: Readonly<Record<ServerKind, (database: Database) => Promise<Other>>> = {
  sqlite: async (database) => {
    const db = new sqlite3.Database(fileOf(database));
    return {
      run: (sql) =>
        new Promise((done, fail) =>
          db.all(sql, (error, rows) => (error ? fail(error) : done(rows as Row[]))),
        ),
      end: () => new Promise((done) => db.close(done)),
    };
  },
  postgresql: async (database) => {
    const { host, port, user, password } = inject('postgresql') ?? {};
    const client = new pg.Client({
      host,
      port,
      user,
      password,
      database: nameOf(database),
    } as pg.ClientConfig);
    await client.connect();
    return { run: async (sql) => (await client.query(sql)).rows, end: () => client.end() };
  },
  mysql: connectTo,
  mariadb: connectTo,
};

async function connectTo(database: Database): Promise<Other> {
  const connection = await connectMysql(
    inject(database.kind as 'mysql' | 'mariadb') as ServerAddress,
    nameOf(database),
  );
  return {
    run: async (sql) => (await connection.query(sql))[0] as Row[],
    end: () => connection.end(),
  };
}

/** A database's name on its server. */
export const nameOf = (database: Database): string => database.uri.split('/').at(-1) as string;

/** Opens a connection beside mltrack's. */
export const otherSession = (database: Database): Promise<Other> => connect[database.kind](database);

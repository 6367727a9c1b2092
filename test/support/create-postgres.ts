import pg from 'pg';
import { inject } from 'vitest';
import type { Database } from './databases.js';
import { uniqueName } from './unique-name.js';

/** Databases of this worker that a test is done with: emptying one is ten times cheaper than creating one. */
const emptied: string[] = [];

/** An empty database on the PostgreSQL of this run. */
export async function createPostgres(): Promise<Database> {
  const server = inject('postgresql');
  if (!server) throw new Error('no PostgreSQL here');
  const { host, port, user, password } = server;
  const login = { host, port, user, password };
  const reused = emptied.pop();
  const name = reused ?? uniqueName();
  const admin = async (sql: string) => {
    const client = new pg.Client({ ...login, database: 'postgres' });
    await client.connect();
    await client.query(sql).finally(() => client.end());
  };
  if (!reused) await admin(`CREATE DATABASE ${name}`);
  const connected = async <T>(work: (client: pg.Client) => Promise<T>): Promise<T> => {
    const client = new pg.Client({ ...login, database: name });
    await client.connect();
    return work(client).finally(() => client.end());
  };
  return {
    kind: 'postgresql',
    dialect: 'postgresql',
    uri: `postgresql+psycopg2://${user}:${encodeURIComponent(password)}@${host}:${port}/${name}`,
    run: (...statements) =>
      connected(async (client) => {
        await client.query('BEGIN');
        for (const sql of statements) await client.query(sql);
        await client.query('COMMIT');
      }),
    rows: (sql) => connected(async (client) => (await client.query(sql)).rows),
    drop: async () => {
      await connected((client) => client.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public'));
      emptied.push(name);
    },
  };
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import sqlite3 from 'sqlite3';
import { inject } from 'vitest';
import type { Dialect, DialectName, Session } from '../../src/dialects/dialect.js';
import { dialectNames, loadDialect, parseUri } from '../../src/dialects/index.js';
import { ddlAt } from './fixtures.js';

/** A database of one test's own. */
export interface Database {
  readonly dialect: DialectName;
  readonly uri: string;
  /** Runs statements outside of mltrack, through the driver alone. */
  run(...statements: string[]): Promise<void>;
  rows(sql: string): Promise<Record<string, unknown>[]>;
  drop(): Promise<void>;
}

/** What the suite needs of each kind of server. */
interface Provider {
  create(): Promise<Database>;
}

let counter = 0;
const uniqueName = () => `t${process.pid}_${Date.now().toString(36)}_${counter++}`;

const providers = {
  sqlite: { create: createSqlite },
  postgresql: { create: createPostgres },
} satisfies Record<DialectName, Provider>;

/** The dialects whose server runs here. A missing one has been printed loudly, and is fatal on CI. */
export const availableDialects = (): DialectName[] =>
  dialectNames.filter((name) => name === 'sqlite' || inject('postgres') !== null);

export const createDatabase = (dialect: DialectName): Promise<Database> => providers[dialect].create();

/** A database at a state, made from MLflow's own DDL. */
export async function databaseAt(dialect: DialectName, ordinal: number): Promise<Database> {
  const database = await createDatabase(dialect);
  await database.run(...ddlAt(ordinal, dialect));
  return database;
}

/** Opens a session as a command does. */
export async function openSession(database: Database): Promise<{ dialect: Dialect; session: Session }> {
  const dialect = await loadDialect(database.dialect);
  return { dialect, session: await dialect.connect(parseUri(database.uri), { lockWaitMs: 20_000 }) };
}

async function createSqlite(): Promise<Database> {
  const folder = mkdtempSync(join(tmpdir(), 'mltrack-'));
  const path = join(folder, 'mlflow.db');
  const all = (sql: string) =>
    new Promise<Record<string, unknown>[]>((done, fail) => {
      const db = new sqlite3.Database(path);
      db.all(sql, (error, rows) =>
        db.close(() => (error ? fail(error) : done(rows as Record<string, unknown>[]))),
      );
    });
  const exec = (sql: string) =>
    new Promise<void>((done, fail) => {
      const db = new sqlite3.Database(path);
      db.exec(sql, (error) => db.close(() => (error ? fail(error) : done())));
    });
  return {
    dialect: 'sqlite',
    uri: `sqlite:///${path}`,
    run: (...statements) => exec(`BEGIN; ${statements.map((sql) => `${sql};`).join('\n')} COMMIT;`),
    rows: all,
    drop: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Databases of this worker that a test is done with: emptying one is ten times cheaper than creating one. */
const emptied: string[] = [];

async function createPostgres(): Promise<Database> {
  const server = inject('postgres');
  if (!server) throw new Error('no PostgreSQL here');
  const reused = emptied.pop();
  const name = reused ?? uniqueName();
  const admin = async (sql: string) => {
    const client = new pg.Client({ ...server, database: 'postgres' });
    await client.connect();
    await client.query(sql).finally(() => client.end());
  };
  if (!reused) await admin(`CREATE DATABASE ${name}`);
  const connected = async <T>(work: (client: pg.Client) => Promise<T>): Promise<T> => {
    const client = new pg.Client({ ...server, database: name });
    await client.connect();
    return work(client).finally(() => client.end());
  };
  const password = encodeURIComponent(server.password);
  return {
    dialect: 'postgresql',
    uri: `postgresql+psycopg2://${server.user}:${password}@${server.host}:${server.port}/${name}`,
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

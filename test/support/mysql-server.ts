import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { type Installed, installMariadb, installMysql } from './mysql-install.js';
import {
  endProcess,
  freePort,
  launch,
  password,
  type ServerAddress,
  serverEnv,
  untilReady,
} from './server.js';

export interface MysqlServer extends ServerAddress {
  /** Its Unix socket. */
  readonly socket: string;
  stop(): Promise<void>;
  /** `kill -9`, then a start on the same data. */
  crashAndRestart(): Promise<void>;
}

/** Starts MariaDB on a free loopback port, in a directory of its own; `extra` are options that override ours. */
export const startMariadb = async (...extra: string[]): Promise<MysqlServer> =>
  start(installMariadb(), extra);

/** Starts MySQL, likewise. */
export const startMysql = async (...extra: string[]): Promise<MysqlServer> =>
  start(installMysql(extra), extra);

/** The data lives for minutes: nothing is kept safe from a power failure, but all of it from a dead process. */
const settings = [
  ...['--bind-address=127.0.0.1', '--skip-name-resolve', '--skip-log-bin', '--max-connections=100'],
  ...['--innodb-flush-log-at-trx-commit=2', '--innodb-doublewrite=0', '--innodb-buffer-pool-size=128M'],
];

async function start(installed: Installed, extra: readonly string[]): Promise<MysqlServer> {
  const { name, command, home, inside, identity } = installed;
  const facts: ServerAddress = { host: '127.0.0.1', port: await freePort(), user: 'mlflow', password };
  const grants = [
    `CREATE USER IF NOT EXISTS mlflow@'%' IDENTIFIED BY '${password}';`,
    "GRANT ALL ON *.* TO mlflow@'%' WITH GRANT OPTION;",
  ];
  writeFileSync(join(home, 'init.sql'), `${grants.join('\n')}\n`);
  const files = ['--datadir=data', '--socket=sock', '--pid-file=pid', '--init-file=init.sql'];
  const options = [
    ...settings,
    ...files.map((file) => file.replace('=', `=${inside}/`)),
    `--port=${facts.port}`,
    ...extra,
  ];
  const log = join(home, 'log');

  const begin = async (): Promise<ChildProcess> => {
    const output = openSync(log, 'a');
    const server = launch([...command, ...options], {
      ...identity,
      env: serverEnv(inside),
      cwd: '/',
      stdio: ['ignore', output, output],
    });
    closeSync(output);
    const connect = async () => (await createConnection({ ...facts })).end();
    const end = () => readFileSync(log, 'utf8').slice(-2000);
    server.once('error', () => undefined);
    await untilReady(name, server, connect, end).catch(async (error) => {
      await endProcess(server, 'SIGKILL');
      throw error;
    });
    return server;
  };
  const remove = () => rmSync(home, { recursive: true, force: true });

  let server: ChildProcess;
  try {
    server = await begin();
  } catch (error) {
    remove();
    throw error;
  }
  return {
    ...facts,
    socket: join(home, 'sock'),
    crashAndRestart: async () => {
      await endProcess(server, 'SIGKILL');
      server = await begin();
    },
    stop: async () => {
      // Nothing in it is needed any more.
      await endProcess(server, 'SIGKILL');
      remove();
    },
  };
}

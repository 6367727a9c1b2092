import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** The password of every server: one that a URI cannot hold as it is. */
export const password = 'p@ss:w/rd#1%';

/** Where a throw-away server listens, and who may do everything there. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

/** "nobody": servers refuse to run as root, and this user is there on every system. */
export const nobody = 65_534;

export const asRoot = process.getuid?.() === 0;

/** The environment of a server: nothing of the caller's, whose TMPDIR may be closed to the server's user. */
export const serverEnv = (home: string): Record<string, string> => ({
  ...{ PATH: `${process.env.PATH ?? ''}:/usr/sbin`, LC_ALL: 'C', TZ: 'UTC', TMPDIR: home },
});

/** A directory of a server's own: in memory where there is room, because servers wait for the disk at every DDL. */
export function serverHome(prefix: string): string {
  let parent = tmpdir();
  try {
    const { bavail, bsize } = statfsSync('/dev/shm');
    if (bavail * bsize > 2 * 2 ** 30) parent = '/dev/shm';
  } catch {
    // No /dev/shm here: the temporary directory will do.
  }
  return owned(mkdtempSync(join(parent, prefix)));
}

const children = new Set<ChildProcess>();
const homes = new Set<string>();

/** A directory that is removed at the latest when this process ends. */
export function owned(home: string): string {
  homes.add(home);
  return home;
}

/** What an interrupted run does at its end, where nothing can be waited for. */
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  // A server that is just dying may still write.
  for (const home of homes) rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
});

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

/** Tries to connect until the server lets us in. @throws when it has ended, or says nothing for a minute. */
export async function untilReady(
  name: string,
  server: ChildProcess,
  connect: () => Promise<void>,
  log: () => string = () => '',
): Promise<void> {
  const until = Date.now() + 60_000;
  for (;;) {
    try {
      return await connect();
    } catch (error) {
      if (server.exitCode !== null || server.signalCode !== null || Date.now() > until)
        throw new Error(`${name} did not start: ${log()}`, { cause: error });
      await sleep(50);
    }
  }
}

/** Sends a signal and waits for the end; a server that does not end in time is killed. */
export async function endProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((done) => child.once('exit', done));
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
  await ended;
  clearTimeout(timer);
}

/** Put before a server's command: Linux then ends it even where this process is killed outright. */
const diesWithUs: readonly string[] =
  process.platform === 'linux' && spawnSync('setpriv', ['--pdeathsig', 'KILL', 'true']).status === 0
    ? ['setpriv', '--pdeathsig', 'KILL']
    : [];

/** Starts a server that is ended at the latest when this process ends. */
export function launch(command: readonly string[], options: SpawnOptions): ChildProcess {
  const [program, ...args] = [...diesWithUs, ...command] as [string, ...string[]];
  const server = spawn(program, args, options);
  children.add(server);
  server.once('exit', () => children.delete(server));
  return server;
}

/** As whom to run a server that refuses to run as root; its directory is that user's from then on. */
export function asNobody(home: string): { readonly uid?: number; readonly gid?: number } {
  if (!asRoot) return {};
  spawnSync('chown', ['-R', `${nobody}:${nobody}`, home]);
  return { uid: nobody, gid: nobody };
}

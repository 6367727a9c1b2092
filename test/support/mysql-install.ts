import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync } from 'node:fs';
import { join, relative } from 'node:path';
import { asRoot, nobody, owned, serverEnv, serverHome } from './server.js';

/** A server program with an empty data directory made for it. */
export interface Installed {
  readonly name: string;
  /** What to run, without the options that every start has. */
  readonly command: readonly string[];
  /** The directory of the server's own, as we see it and as the server does. */
  readonly home: string;
  readonly inside: string;
  readonly identity: { readonly uid?: number; readonly gid?: number };
}

/** MariaDB from PATH or /usr/sbin. As root it drops to `mysql`, where that user is, else to `nobody`. */
export function installMariadb(): Installed {
  const home = serverHome('mltrack-mariadb-');
  const identity: Installed['identity'] = asRoot ? unprivileged() : {};
  if (identity.uid !== undefined) chownSync(home, identity.uid, identity.gid ?? identity.uid);
  run('mariadb-install-db', ['--no-defaults', `--datadir=${home}/data`, '--skip-test-db'], home, identity);
  const command = [
    ...['mariadbd', '--no-defaults', '--character-set-server=utf8mb4', '--debug-no-sync'],
    ...['--performance-schema=OFF', '--innodb-log-file-size=48M'],
  ];
  return { name: 'MariaDB', command, home, inside: home, identity };
}

/**
 * MySQL from the chroot directory MLTRACK_MYSQL_ROOT, or from one of the usual ones; else from PATH, where a `mysqld`
 * may also be MariaDB's. Some of its options (`extra`) must be the same from the first moment.
 */
export function installMysql(extra: readonly string[]): Installed {
  const { home, inside, mysqld } = place(mysqlRoot());
  if (/MariaDB/.test(run(mysqld[0], [...mysqld.slice(1), '--no-defaults', '--version'], inside)))
    throw new Error('the mysqld on PATH is MariaDB; set MLTRACK_MYSQL_ROOT to a directory with MySQL in it');
  const command = [
    ...[...mysqld, '--no-defaults', ...(asRoot ? ['--user=root'] : [])],
    ...['--secure-file-priv=NULL', '--innodb-use-native-aio=0', '--mysqlx=OFF', '--performance-schema=OFF'],
    // Without certificates it speaks no TLS, and making them takes seconds.
    '--auto-generate-certs=OFF',
    '--innodb-flush-method=nosync',
  ];
  const [program, ...options] = command as [string, ...string[]];
  run(program, [...options, `--datadir=${inside}/data`, '--initialize-insecure', ...extra], inside);
  return { name: 'MySQL', command, home, inside, identity: {} };
}

type Place = Pick<Installed, 'home' | 'inside'> & { readonly mysqld: readonly [string, ...string[]] };

/**
 * In a chroot the server sees its directory, which may be in memory, as /tmp: mounted there for that process alone,
 * so that nothing is left to unmount. Where that is not allowed, its directory is under the root's /tmp.
 */
function place(root: string | undefined): Place {
  if (!root) {
    const home = serverHome('mltrack-mysql-');
    return { home, inside: home, mysqld: ['mysqld'] };
  }
  if (spawnSync('unshare', ['-m', 'true']).status === 0) {
    const home = serverHome('mltrack-mysql-');
    const script = 'mount --bind "$0" "$1/tmp" && exec chroot "$@"';
    return { home, inside: '/tmp', mysqld: ['unshare', '-m', 'sh', '-c', script, home, root, 'mysqld'] };
  }
  const home = owned(mkdtempSync(join(root, 'tmp', 'mltrack-mysql-')));
  return { home, inside: `/${relative(root, home)}`, mysqld: ['chroot', root, 'mysqld'] };
}

function mysqlRoot(): string | undefined {
  const named = process.env.MLTRACK_MYSQL_ROOT;
  const root =
    named || ['/opt/mltrack-mysql', '/opt/sid'].find((path) => existsSync(join(path, 'usr/sbin/mysqld')));
  if (!root || asRoot) return root;
  if (named) throw new Error('MLTRACK_MYSQL_ROOT needs root (chroot)');
  return undefined;
}

function unprivileged(): { uid: number; gid: number } {
  const id = (option: string) => Number(spawnSync('id', [option, 'mysql'], { encoding: 'utf8' }).stdout);
  return { uid: id('-u') || nobody, gid: id('-g') || nobody };
}

function run(
  program: string,
  args: readonly string[],
  tmpdir: string,
  identity: Installed['identity'] = {},
): string {
  const ran = spawnSync(program, args, { ...identity, env: serverEnv(tmpdir), encoding: 'utf8', cwd: '/' });
  if (ran.error) throw new Error(`${program} cannot be run: ${ran.error.message}`);
  if (ran.status !== 0) throw new Error(`${program} failed:\n${ran.stdout}${ran.stderr}`);
  return ran.stdout;
}

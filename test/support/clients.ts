import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { owned } from './server.js';
import type { ServerKind } from './server-kinds.js';

/** The server that npm brings. */
const postgresMajor = 18;

/** Directories with another Debian in them, whose clients fit servers that this one is too old for. */
const roots = [process.env.MLTRACK_MYSQL_ROOT, '/opt/mltrack-mysql', '/opt/sid'].filter(
  (root) => root !== undefined,
);

const versionOf = (program: string): string =>
  spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout ?? '';

/**
 * A PATH on which the clients of a server fit it; null where there are none, which is printed and is fatal on CI.
 * Those of a directory with another Debian run by that one's own loader, so that no chroot is needed.
 */
export function clientPath(kind: ServerKind): string | null {
  const found = paths[kind]();
  if (found !== null) return found;
  const message = `!!! ${kind}: no clients that fit the server; the tests that run them are LEFT OUT (.ci/servers.sh installs them)`;
  if (process.env.CI) throw new Error(message);
  console.error(message);
  return null;
}

const path = process.env.PATH ?? '';
const paths: Readonly<Record<ServerKind, () => string | null>> = {
  sqlite: () => (versionOf('sqlite3') ? path : null),
  mariadb: () => (/MariaDB/.test(versionOf('mariadb-dump')) ? path : null),
  mysql: () => {
    const version = versionOf('mysqldump');
    if (version && !/MariaDB/.test(version)) return path;
    return borrowed('usr/bin', ['mysql', 'mysqldump']);
  },
  postgresql: () => {
    const major = Number(/ (\d+)\./.exec(versionOf('pg_dump'))?.[1] ?? 0);
    if (major >= postgresMajor) return path;
    const names = ['psql', 'pg_dump', 'pg_restore', 'createdb'];
    return borrowed(`usr/lib/postgresql/${postgresMajor}/bin`, names);
  },
};

/** A folder of small scripts that run another Debian's programs, in front of the PATH. */
function borrowed(folder: string, names: readonly string[]): string | null {
  const root = roots.find((one) => names.every((name) => existsSync(join(one, folder, name))));
  if (!root) return null;
  const libraries = readdirSync(join(root, 'usr/lib')).find((name) => name.endsWith('-linux-gnu')) ?? '';
  const lib = join(root, 'usr/lib', libraries);
  const loader = readdirSync(lib).find((name) => /^ld-linux.*\.so/.test(name));
  if (!loader) return null;
  const bin = owned(mkdtempSync(join(tmpdir(), 'mltrack-clients-')));
  for (const name of names) {
    const script = `#!/bin/sh\nexec '${join(lib, loader)}' --library-path '${lib}' '${join(root, folder, name)}' "$@"\n`;
    writeFileSync(join(bin, name), script);
    chmodSync(join(bin, name), 0o755);
  }
  return `${bin}:${path}`;
}

import { spawn } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { clientPath } from '../support/clients.js';
import { sqliteIn } from '../support/create-sqlite.js';
import { type Database, databaseAt, databaseInFile } from '../support/databases.js';
import { irreversible } from '../support/irreversible.js';
import { loadReal, realDatabases } from '../support/real-databases.js';
import { password } from '../support/server.js';
import { root } from './pages.js';

/** A release of which there is a real database in fixtures/databases, the newest schema without rows, or nothing yet. */
export type At = '2.9' | '3.16' | 'head' | 'nothing';

const ordinals = { '2.9': 23, '3.16': 65, head: 70 } as const;

/** Where the real databases say that their artifacts are. */
const artifactsOfFixtures = '/tmp/mlflow-fixtures';

type Server = 'postgresql' | 'mysql' | 'mariadb';

export interface Ran {
  readonly code: number | null;
  /** Standard output and standard error as they came, with the page's names instead of this run's. */
  readonly output: string;
}

/** Where the command lines of one page are run, one after the other. */
export interface Stage {
  readonly folder: string;
  run(line: string, env?: Record<string, string>): Promise<Ran & { readonly reached: boolean }>;
  drop(): Promise<void>;
}

/** What a page is about, where its databases stand otherwise. */
export interface Scene {
  /** Rows of `mlflow.db`, instead of those of the real database. */
  readonly rows?: readonly string[];
  /** The state of the database on MySQL, and what was run on it since. */
  readonly mysql?: { readonly ordinal: number; readonly sql: readonly string[] };
}

/**
 * A scratch directory with `mlflow.db` at the release, `new.db` at the newest schema and `drifted.db`, which lacks an
 * index and has a column more. What a page calls
 * `/srv/mlflow/`, `/backup/` and `/run/secrets/` lies in it; `db.example` is the server of the tests.
 */
export async function stageAt(at: At, { rows, mysql }: Scene = {}): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'mltrack-docs-'));
  const standing = at === 'nothing' ? '2.9' : at;
  const tools = clientPath('postgresql');
  const made = new Map<Server, Database>();
  for (const name of ['bin', 'backup', 'run/secrets', 'srv/mlflow', 'mlruns'])
    mkdirSync(join(folder, name), { recursive: true });
  if (rows) await (await databaseInFile(join(folder, 'mlflow.db'), ordinals[standing])).run(...rows);
  else if (at !== 'nothing') await file(join(folder, 'mlflow.db'), at, folder);
  await file(join(folder, 'srv/mlflow/mlflow.db'), standing === 'head' ? '3.16' : standing, folder);
  await file(join(folder, 'new.db'), 'head', folder);
  await file(join(folder, 'drifted.db'), 'head', folder);
  await sqliteIn(join(folder, 'drifted.db')).run(...drift);
  const shim = `#!/bin/sh\nexec '${process.execPath}' '${join(root, 'bin/mltrack.js')}' "$@"\n`;
  writeFileSync(join(folder, 'bin/mltrack'), shim);
  chmodSync(join(folder, 'bin/mltrack'), 0o755);
  writeFileSync(join(folder, 'run/secrets/db'), `${password}\n`);
  const listed = (file: string) =>
    writeFileSync(join(folder, file), 'databases:\n  - name: prod\n    uri: sqlite:///new.db\n');
  listed('databases.yaml');
  listed('checks.yml');
  writeFileSync(
    join(folder, 'prod.env'),
    `MLFLOW_BACKEND_STORE_URI=sqlite:///mlflow.db\nMLTRACK_CONFIRM=${irreversible.join(',')}\n`,
  );

  const server = async (kind: Server): Promise<Database | null> => {
    const known = made.get(kind);
    if (known || inject(kind) === null) return known ?? null;
    const scene = (kind === 'mysql' && mysql) || { ordinal: ordinals[standing], sql: [] };
    const database: Database =
      kind === 'postgresql' && standing !== 'head'
        ? await loadReal.postgresql(standing)
        : await databaseAt(kind, scene.ordinal);
    await database.run(...moved(folder), ...scene.sql);
    made.set(kind, database);
    return database;
  };
  const env = {
    PATH: `${join(folder, 'bin')}:${tools ?? process.env.PATH}`,
    ...{ HOME: folder, TZ: 'UTC', LC_ALL: 'C.UTF-8', MLFLOW_BACKEND_STORE_URI: 'sqlite:///mlflow.db' },
  };
  return {
    folder,
    run: async (line, more = {}): Promise<Ran & { reached: boolean }> => {
      let reached = true;
      let said = placed(line, folder);
      const found = /\b(postgresql|mysql|mariadb|mssql)(\+\w+)?:\/\/[^\s'"]*?@db\.example(:\d+)?\/\w+/g;
      const names: (readonly [string, string])[] = [
        ...['srv', 'backup', 'run'].map((name) => [join(folder, name), `/${name}`] as const),
        [folder, '/home/ada'],
      ];
      for (const [uri, kind, driver = ''] of line.matchAll(found)) {
        const database = kind === 'mssql' ? null : await server(kind as Server);
        reached &&= database !== null;
        const real = database
          ? database.uri.replace(/^\w+(\+\w+)?:/, `${kind}${driver}:`)
          : uri.replace(/@.*/, '@127.0.0.1:1/mlflow');
        const withoutSecret = real.replace(/:[^:@/]*@/, '@');
        said = said.replace(uri, line.includes('--password-') ? withoutSecret : real);
        names.push([withoutSecret.split('//')[1] as string, 'mlflow@db.example/mlflow']);
        if (database) names.push([real.split('/').at(-1) as string, 'mlflow']);
      }
      // Where no pg_dump fits the server, the upgrade alone.
      if (!tools) said = said.replace(/ --require-backup| --backup \S+/g, '');
      const ran = await shell(said, folder, { ...env, ...more });
      return { ...ran, reached, output: names.reduce((text, [a, b]) => text.replaceAll(a, b), ran.output) };
    },
    drop: async () => {
      for (const database of made.values()) await database.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function file(path: string, at: keyof typeof ordinals, folder: string): Promise<void> {
  if (at === 'head') return void (await databaseInFile(path, ordinals[at]));
  copyFileSync(new URL(`${at}.sqlite.db`, realDatabases), path);
  await sqliteIn(path).run(...moved(folder));
}

/** What `drifted.db` has otherwise than MLflow. */
const drift = ['DROP INDEX index_params_run_uuid', 'ALTER TABLE runs ADD COLUMN team VARCHAR(20)'];

/** Puts the artifacts of a real database below the scratch directory. */
const moved = (folder: string): string[] =>
  [
    ['experiments', 'artifact_location'],
    ['runs', 'artifact_uri'],
  ].map(
    ([table, column]) =>
      `UPDATE ${table} SET ${column} = REPLACE(${column}, '${artifactsOfFixtures}', '${folder}')`,
  );

/** The line with this run's places for the page's. */
const placed = (line: string, folder: string): string =>
  line
    .replace(/\bnpx mltrack\b|\bnode \.mltrack\/bin\/mltrack\.js\b/g, 'mltrack')
    .replaceAll(/(?<=[ /=])\/(srv\/mlflow|backup|run\/secrets)\b/g, `${folder}/$1`);

const shell = (line: string, cwd: string, env: Record<string, string>): Promise<Ran> =>
  new Promise((done, fail) => {
    const child = spawn('bash', ['-c', `set -o pipefail; exec 2>&1; ${line}`], { cwd, env });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.stdin.end();
    child.once('error', fail);
    child.once('close', (code) => done({ code, output }));
  });

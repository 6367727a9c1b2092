import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Hint, HintCommand } from '../src/core/backup-hint.js';
import { parseUri } from '../src/dialects/index.js';
import { compareRows } from '../src/dialects/tools.js';
import { ExitCode } from '../src/errors.js';
import { dbUpgrade, expectDone, expectRefusal, mltrack, type Run } from './support/cli.js';
import { clientPath } from './support/clients.js';
import { type Database, databaseAt, kinds } from './support/databases.js';
import { goldenOf } from './support/golden.js';
import { allRows } from './support/rows.js';
import { bundled } from './support/share.js';
import { fileOf, snapshot } from './support/snapshot.js';
import { schemaOf } from './support/upgrade.js';

const at = 48;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mltrack-backup-it's "));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Rows that a dump could get wrong: quotes, backslashes, line breaks, brackets, a semicolon, what looks like SQL. */
const odd = [
  `it''s (odd); \\\\. \\n`,
  'INSERT INTO `runs` VALUES (1),(2);',
  '-- Dump completed',
  '\u{1f600}',
];

async function filled(kind: Database['kind']): Promise<Database> {
  const database = await databaseAt(kind, at);
  const key = kinds[kind].quote('key');
  await database.run(
    "INSERT INTO experiments (experiment_id, name, artifact_location) VALUES (1, 'one', 's3://bucket/mlflow/1')",
    "INSERT INTO runs (run_uuid, experiment_id, status) VALUES ('r1', 1, 'FINISHED')",
    ...odd.map((text, i) => `INSERT INTO params (${key}, value, run_uuid) VALUES ('p${i}', '${text}', 'r1')`),
    `INSERT INTO params (${key}, value, run_uuid) VALUES ('lines', 'a\nb)\n(c', 'r1')`,
  );
  return database;
}

/** PostgreSQL spells checks of its own dump with other casts and brackets. */
const saidAgain = (schema: unknown): unknown =>
  JSON.parse(JSON.stringify(schema).replace(/::(text|character varying)(\[\])?|[()]/g, ''));

const state = async (database: Database) => ({
  rows: await allRows(database),
  schema: saidAgain(goldenOf(await schemaOf(database))),
});

/** Writes the password where the hint says, and nowhere else. */
function keepSecret({ uri, dialect }: Database): void {
  const { host, port, username, password } = parseUri(uri);
  const text = password ?? '';
  const pg = [host, port, '*', username, text.replace(/[\\:]/g, '\\$&')].join(':');
  const cnf = `[client]\npassword="${text.replace(/[\\"]/g, '\\$&')}"\n`;
  const [file, content] = dialect === 'postgresql' ? ['.pgpass', pg] : ['.mltrack.cnf', cnf];
  writeFileSync(join(folder, file), content);
  chmodSync(join(folder, file), 0o600);
}

/** Runs a line as its reader would, in a shell. */
function shell({ line, what }: HintCommand, path: string): void {
  const run = spawnSync('/bin/sh', ['-c', line], {
    encoding: 'utf8',
    cwd: folder,
    env: { PATH: path, HOME: folder, TZ: 'UTC' },
  });
  expect(run.status, `${what}: ${line}\n${run.stdout}${run.stderr}`).toBe(0);
}

/** Kinds of server whose own clients are here, and where. */
const clients = bundled().flatMap((kind) => {
  const path = clientPath(kind);
  return path === null ? [] : [[kind, path] as const];
});

describe.each(clients)('%s: the commands of backup-hint', (kind, path) => {
  let database: Database;
  afterEach(() => database.drop());

  const hintOf = async (...args: string[]) => {
    const run = await mltrack(['backup-hint', database.uri, '--json', ...args], {
      env: { HOME: folder, PATH: path },
    });
    expect(run.code, run.stderr).toBe(ExitCode.done);
    return run.events[0] as unknown as Hint;
  };

  it('save, check and bring back every row after damage', async () => {
    database = await filled(kind);
    keepSecret(database);
    const before = await state(database);
    const hint = await hintOf('--file', join(folder, 'saved'));
    expect(hint).toMatchObject({
      revision: expect.any(String),
      managed: [],
      artifacts: ['s3://bucket/mlflow'],
    });
    expect(hint.bytes).toBeGreaterThan(10_000);
    for (const command of [...hint.backup, ...hint.verify]) shell(command, path);
    await database.run('DELETE FROM params', 'DROP TABLE inputs');
    expect(await state(database)).not.toEqual(before);
    for (const command of hint.restore) shell(command, path);
    expect(await state(database)).toEqual(before);
  });

  it('as a script back up and verify, and stop at the first error', async () => {
    database = await filled(kind);
    keepSecret(database);
    const run = await mltrack(
      ['backup-hint', database.uri, '--format', 'sh', '--file', join(folder, 'saved')],
      {
        env: { HOME: folder, PATH: path },
      },
    );
    shell({ what: 'the script', line: run.stdout }, path);
    expect(statSync(join(folder, 'saved')).size).toBeGreaterThan(1000);
    expect(() => shell({ what: 'the script', line: run.stdout }, '/nonexistent')).toThrow(/not found/);
  });
});

describe.each(clients)('%s: db upgrade --backup', (kind, path) => {
  let database: Database;
  afterEach(() => database.drop());

  it('takes one that is equal, records it, then upgrades', async () => {
    database = await filled(kind);
    const before = await state(database);
    const run = await dbUpgrade([database.uri, '--backup', folder, '--json'], {
      env: { PATH: path, HOME: folder },
    });
    expectDone(run);
    const [record] = run.events.filter((event) => event.event === 'backup');
    const names = readdirSync(folder).sort();
    expect(names).toEqual([
      expect.stringMatching(/^\w+-\w{12}-\d{8}T\d{6}Z\.(db|dump|sql)$/),
      `${names[0]}.json`,
    ]);
    const file = join(folder, names[0] as string);
    const { event: _, ...kept } = record as { event: string; rows: Record<string, number> };
    expect(JSON.parse(readFileSync(`${file}.json`, 'utf8'))).toEqual(kept);
    expect(kept).toMatchObject({
      file,
      bytes: statSync(file).size,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    for (const [table, { rows }] of Object.entries(before.rows))
      expect(kept.rows[table], table).toBe(rows.length);
    expect(statSync(file).mode & 0o077).toBe(0);
    // The restore that the record names brings the database of before back.
    keepSecret(database);
    for (const line of (kept as unknown as { restore: string[] }).restore)
      shell({ what: 'restore', line }, path);
    expect(await state(database)).toEqual(before);
  });

  /** SQLite needs no tool. */
  const serverIt: (name: string, test: () => Promise<void>) => void = kinds[kind].strict
    ? it
    : () => undefined;

  const refused = async (
    args: readonly string[],
    says: RegExp,
    env: Record<string, string> = {},
  ): Promise<Run> => {
    database = await filled(kind);
    const untouched = await snapshot(database);
    const run = await dbUpgrade([database.uri, ...args], { env: { PATH: path, ...env } });
    expectRefusal(run, ExitCode.blocked, says, /nothing was changed/);
    expect(await snapshot(database)).toEqual(untouched);
    return run;
  };

  it('never overwrites a file', async () => {
    const file = join(folder, 'mine');
    writeFileSync(file, 'mine');
    await refused(['--backup', file], /mine is there already/);
    expect(readFileSync(file, 'utf8')).toBe('mine');
    expect(readdirSync(folder)).toEqual(['mine']);
  });

  it('goes over what a killed one left', async () => {
    database = await filled(kind);
    writeFileSync(join(folder, 'b.partial'), 'half');
    expectDone(await dbUpgrade([database.uri, '--backup', join(folder, 'b')], { env: { PATH: path } }));
    expect(readdirSync(folder).sort()).toEqual(['b', 'b.json']);
  });

  it('needs a directory that is there', async () => {
    await refused(['--backup', join(folder, 'none/there')], /no directory/);
  });

  serverIt('without the tool changes nothing', async () => {
    await refused(['--backup', folder], /is not on PATH/, { PATH: '/nonexistent' });
    expect(readdirSync(folder)).toEqual([]);
  });

  serverIt('with a tool that fails, or writes half, changes nothing and leaves nothing', async () => {
    const bin = mkdtempSync(join(tmpdir(), 'mltrack-bin-'));
    const fake = (text: string) => {
      for (const name of ['pg_dump', 'mysqldump', 'mariadb-dump']) {
        writeFileSync(
          join(bin, name),
          `#!/bin/sh\nif [ "$1" = --version ]; then echo "fake 99.1"; exit 0; fi\necho "$@" > '${bin}/args'\n${text}\n`,
        );
        chmodSync(join(bin, name), 0o755);
      }
    };
    const env = { PATH: `${bin}:${path}` };
    fake('echo "no space left on device" >&2; exit 1');
    await refused(['--backup', folder], /no space left on device/, env);
    await database.drop();
    fake(
      kinds[kind].dialect === 'postgresql'
        ? 'for last; do :; done; echo half > "$(echo "$@" | sed "s/.*--file \\(.*\\) --dbname.*/\\1/")"'
        : 'echo "CREATE TABLE \\`params\\` ("',
    );
    await refused(['--backup', folder], /pg_restore.*failed|has no end/s, env);
    expect(readdirSync(folder)).toEqual([]);
    rmSync(bin, { recursive: true });
  });

  it('--require-backup without one stops with exit 6', async () => {
    database = await filled(kind);
    const untouched = await snapshot(database);
    for (const [args, env] of [
      [['--require-backup'], {}],
      [[], { MLTRACK_REQUIRE_BACKUP: '1' }],
    ] as const) {
      const run = await dbUpgrade([database.uri, ...args], { env });
      expectRefusal(run, ExitCode.confirmation, /a backup is required/);
    }
    expect(await snapshot(database)).toEqual(untouched);
    expectDone(
      await dbUpgrade([database.uri, '--require-backup', '--backup', join(folder, 'b')], {
        env: { PATH: path },
      }),
    );
    expect(existsSync(join(folder, 'b.json'))).toBe(true);
  });

  it('takes none where there is nothing to do', async () => {
    database = await databaseAt(kind, 70);
    expectDone(await dbUpgrade([database.uri, '--backup', folder]));
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('sqlite: db upgrade --backup', () => {
  let database: Database;
  afterEach(() => database.drop());

  it.each(['wal', 'delete'])(
    'sees what is committed in journal mode %s, also while others read',
    async (mode) => {
      database = await filled('sqlite');
      await database.rows(`PRAGMA journal_mode = ${mode}`);
      const before = await state(database);
      expectDone(await dbUpgrade([database.uri, '--backup', join(folder, 'b.db')]));
      rmSync(`${fileOf(database)}-wal`, { force: true });
      writeFileSync(fileOf(database), readFileSync(join(folder, 'b.db')));
      expect(await state(database)).toEqual(before);
    },
  );

  it('on a full disk changes nothing', async () => {
    database = await filled('sqlite');
    const untouched = await snapshot(database);
    // A limit of 64 blocks of 512 bytes on every file that is written.
    const bin = new URL('../bin/mltrack.js', import.meta.url).pathname;
    const line = `trap '' XFSZ; ulimit -f 64; exec '${process.execPath}' '${bin}' db upgrade '${database.uri}' --yes --backup "$HOME/b.db"`;
    const run = spawnSync('/bin/sh', ['-c', line], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH ?? '', HOME: folder },
    });
    expect(run.status, run.stderr).toBe(ExitCode.blocked);
    expect(run.stderr).toMatch(/backup .* failed/);
    expect(readdirSync(folder)).toEqual([]);
    expect(await snapshot(database)).toEqual(untouched);
  });
});

it('a table that is not in a dump is not taken for an empty one', () => {
  expect(() => compareRows({ runs: 2, inputs: 0 }, { runs: 2 })).toThrow(/inputs: none of 0 rows/);
  expect(() => compareRows({ runs: 2 }, { runs: 1 })).toThrow(/runs: 1 of 2 rows/);
  expect(() => compareRows({ runs: 2 }, { runs: 2, more: 1 })).not.toThrow();
});

describe('managed servers', () => {
  it.each([
    [
      'postgresql://u@db.abc123.eu-west-1.rds.amazonaws.com/mlflow',
      'postgres',
      'aws rds create-db-snapshot --db-instance-identifier db --db-snapshot-identifier db-before-mltrack',
    ],
    [
      'mysql://u@db.cluster-abc123.eu-west-1.rds.amazonaws.com/mlflow',
      'mysql',
      'aws rds create-db-cluster-snapshot --db-cluster-identifier db --db-cluster-snapshot-identifier db-before-mltrack',
    ],
    [
      'postgresql://u@/mlflow?host=/cloudsql/proj:europe-west1:inst',
      'postgres',
      'gcloud sql backups create --project proj --instance inst --description before-mltrack',
    ],
    [
      'postgresql://u@srv.postgres.database.azure.com/mlflow',
      'postgres',
      'az postgres flexible-server backup create --resource-group GROUP --name srv --backup-name before-mltrack',
    ],
    [
      'mssql://u@srv.database.windows.net/mlflow',
      'sql',
      'az sql db copy --resource-group GROUP --server srv --name mlflow --dest-name mlflow-before-mltrack',
    ],
  ] as const)('%s', async (uri, azure, line) => {
    const { managedBy } = await import('../src/dialects/managed.js');
    const { shellLine } = await import('../src/dialects/shell.js');
    expect(managedBy(parseUri(uri), { azure })?.commands.map(shellLine)).toEqual([line]);
  });

  it('a server of one’s own has none', async () => {
    const { managedBy } = await import('../src/dialects/managed.js');
    expect(managedBy(parseUri('postgresql://u@db.example/mlflow'), { azure: 'postgres' })).toBeNull();
  });
});

import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Finding } from '../../src/dialects/check.js';
import type { ConnectOptions } from '../../src/dialects/dialect.js';
import { loadDialect, parseUri } from '../../src/dialects/index.js';
import { ExitCode } from '../../src/errors.js';
import { digest } from '../support/snapshot.js';

let home: string;
let path: string;
/** Where private copies go. */
let temporary: string;
const before = process.env.TMPDIR;
const writers: ChildProcess[] = [];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'mltrack-untouched-'));
  path = join(home, 'mlflow.db');
  temporary = mkdtempSync(join(tmpdir(), 'mltrack-copies-'));
  process.env.TMPDIR = temporary;
});

afterEach(async () => {
  for (const writer of writers.splice(0)) {
    const ended = new Promise((done) => writer.once('exit', done));
    writer.kill('SIGKILL');
    await ended;
  }
  chmodSync(home, 0o755);
  if (before === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = before;
  for (const folder of [home, temporary]) rmSync(folder, { recursive: true });
});

/** A process of its own with the file open, as MLflow has it: POSIX locks do not keep a process out of its own. */
async function writer(): Promise<(sql: string) => Promise<string>> {
  const program = `
    const sqlite3 = require(${JSON.stringify(join(process.cwd(), 'node_modules/sqlite3'))});
    const db = new sqlite3.Database(${JSON.stringify(path)});
    require('node:readline').createInterface({ input: process.stdin }).on('line', (line) =>
      db.all(JSON.parse(line), (error, rows) => console.log(JSON.stringify(error ? error.message : rows))));
  `;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['pipe', 'pipe', 'inherit'] });
  writers.push(child);
  const answers = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  return async (sql) => {
    child.stdin?.write(`${JSON.stringify(sql)}\n`);
    return (await answers.next()).value as string;
  };
}

/** Dies in the middle, without a word to SQLite. */
async function kill(): Promise<void> {
  const child = writers.pop() as ChildProcess;
  const ended = new Promise((done) => child.once('exit', done));
  child.kill('SIGKILL');
  await ended;
}

/** The folder and all that is in it: bytes, times, modes, owners. */
const picture = (): unknown => [
  statSync(home, { bigint: true }).mtimeNs,
  ...readdirSync(home)
    .sort()
    .map((name) => {
      const { size, mtimeNs, mode, uid } = statSync(join(home, name), { bigint: true });
      return { name, size, mtimeNs, mode, uid, bytes: digest(join(home, name)) };
    }),
];

async function open(options: Partial<ConnectOptions> = {}) {
  const dialect = await loadDialect('sqlite');
  return dialect.connect(parseUri(`sqlite:///${path}`), {
    lockWaitMs: 0,
    readOnly: true,
    untouched: true,
    ...options,
  });
}

interface Read {
  readonly tables: string[];
  readonly numbers: number[];
  readonly findings: readonly Finding[];
}

/** What a check reads; nothing in the folder may be another thing after it. */
async function readUntouched(): Promise<Read> {
  const before = picture();
  const session = await open();
  const schema = await session.introspect();
  const rows = await session.query<{ x: number }>('SELECT x FROM t ORDER BY x');
  const facts = await (await session.dialect.check()).facts(session, schema, schema);
  await expect(session.execute('INSERT INTO t VALUES (99)')).rejects.toMatchObject({
    exitCode: ExitCode.blocked,
  });
  expect(picture()).toEqual(before);
  await session.close();
  expect(picture()).toEqual(before);
  expect(readdirSync(temporary)).toEqual([]);
  return { tables: [...schema.keys()], numbers: rows.map(({ x }) => x), findings: facts.findings };
}

const clean = (numbers: number[]): Read => ({ tables: ['t'], numbers, findings: [] });

/** Takes the permission to write to the folder and to all that is in it. */
function forbidWriting(): void {
  for (const name of readdirSync(home)) chmodSync(join(home, name), 0o444);
  chmodSync(home, 0o555);
}

const filled = ['CREATE TABLE t (x)', 'INSERT INTO t VALUES (1)', 'INSERT INTO t VALUES (2)'];

async function made(...before: string[]): Promise<(sql: string) => Promise<string>> {
  const run = await writer();
  for (const sql of [...before, ...filled]) await run(sql);
  return run;
}

describe('a file with a rollback journal', () => {
  it('is read as it is, also where nothing may be written', async () => {
    await made();
    await kill();
    expect(await readUntouched()).toEqual(clean([1, 2]));
    forbidWriting();
    expect(await readUntouched()).toEqual(clean([1, 2]));
  });

  it('is read beside a transaction that has not reached the file', async () => {
    const run = await made();
    await run('BEGIN IMMEDIATE');
    await run('INSERT INTO t VALUES (3)');
    expect(await readUntouched()).toEqual(clean([1, 2]));
    expect(await run('COMMIT')).toBe('[]');
    expect(await readUntouched()).toEqual(clean([1, 2, 3]));
  });

  it('is locked while a writer holds it, and nothing changes', async () => {
    const run = await made();
    await run('BEGIN EXCLUSIVE');
    const before = picture();
    const session = await open();
    await expect(session.introspect()).rejects.toMatchObject({ exitCode: ExitCode.locked });
    await session.close();
    expect(picture()).toEqual(before);
    await run('ROLLBACK');
    expect(await readUntouched()).toEqual(clean([1, 2]));
  });

  it('does not keep a writer out between two reads', async () => {
    const run = await made();
    const session = await open();
    expect(await session.query('SELECT x FROM t')).toHaveLength(2);
    expect(await run('PRAGMA busy_timeout = 0')).toContain('0');
    expect(await run('BEGIN EXCLUSIVE')).toBe('[]');
    expect(await run('INSERT INTO t VALUES (3)')).toBe('[]');
    expect(await run('COMMIT')).toBe('[]');
    expect(await session.query('SELECT x FROM t')).toHaveLength(3);
    await session.close();
  });

  it('is read as it will be after the rollback of a hot journal, which is told and left', async () => {
    const run = await made();
    await run('PRAGMA cache_size = 1');
    await run('BEGIN IMMEDIATE');
    await run('DELETE FROM t');
    await run('CREATE TABLE half_done (y)');
    for (let i = 0; i < 50; i++) await run('INSERT INTO half_done VALUES (hex(randomblob(2000)))');
    await kill();
    expect(readFileSync(`${path}-journal`)[0]).not.toBe(0);
    const read = await readUntouched();
    expect(read).toMatchObject({ tables: ['t'], numbers: [1, 2] });
    expect(read.findings).toMatchObject([{ rule: 'hot-journal', severity: 'error', table: null }]);
    forbidWriting();
    expect((await readUntouched()).findings).toHaveLength(1);
  });
});

describe('a file in WAL mode', () => {
  const wal = 'PRAGMA journal_mode = WAL';

  it('without anything beside it is read without making a -wal or a -shm', async () => {
    const run = await made(wal);
    await run('PRAGMA wal_checkpoint(TRUNCATE)');
    await kill();
    for (const suffix of ['-wal', '-shm']) rmSync(path + suffix);
    expect(await readUntouched()).toEqual(clean([1, 2]));
    forbidWriting();
    expect(await readUntouched()).toEqual(clean([1, 2]));
  });

  it('is read beside a live writer, as it was committed last', async () => {
    const run = await made(wal);
    expect(await readUntouched()).toEqual(clean([1, 2]));
    await run('INSERT INTO t VALUES (3)');
    expect(await readUntouched()).toEqual(clean([1, 2, 3]));
    await run('BEGIN IMMEDIATE');
    await run('INSERT INTO t VALUES (4)');
    expect(await readUntouched()).toEqual(clean([1, 2, 3]));
    await run('COMMIT');
    await run('PRAGMA wal_checkpoint(TRUNCATE)');
    expect(await readUntouched()).toEqual(clean([1, 2, 3, 4]));
    await run('INSERT INTO t VALUES (5)');
    expect(await readUntouched()).toEqual(clean([1, 2, 3, 4, 5]));
    forbidWriting();
    expect(await readUntouched()).toEqual(clean([1, 2, 3, 4, 5]));
  });

  it('does not keep a writer from its checkpoint between two reads', async () => {
    const run = await made(wal);
    const session = await open();
    expect(await session.query('SELECT x FROM t')).toHaveLength(2);
    expect(await run('PRAGMA wal_checkpoint(TRUNCATE)')).toBe('[{"busy":0,"log":0,"checkpointed":0}]');
    await session.close();
  });

  it('is read with the -wal and -shm of a process that died', async () => {
    await made(wal);
    await kill();
    expect(readdirSync(home)).toHaveLength(3);
    expect(await readUntouched()).toEqual(clean([1, 2]));
    forbidWriting();
    expect(await readUntouched()).toEqual(clean([1, 2]));
  });

  it('is read with a -wal that was copied without its -shm', async () => {
    await made(wal);
    await kill();
    rmSync(`${path}-shm`);
    expect(await readUntouched()).toEqual(clean([1, 2]));
  });

  it('is refused where it would have to be copied and is too big for it', async () => {
    await made(wal);
    await kill();
    rmSync(`${path}-shm`);
    truncateSync(path, 2 ** 31 + 4096);
    const before = statSync(path, { bigint: true }).mtimeNs;
    await expect(open()).rejects.toMatchObject({
      exitCode: ExitCode.blocked,
      message: expect.stringContaining('too big for a private copy'),
    });
    expect(readdirSync(home).sort()).toEqual(['mlflow.db', 'mlflow.db-wal']);
    expect(statSync(path, { bigint: true }).mtimeNs).toBe(before);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('is read anew where somebody begins to write to what no lock protects', async () => {
    const first = await made(wal);
    await first('PRAGMA wal_checkpoint(TRUNCATE)');
    await kill();
    for (const suffix of ['-wal', '-shm']) rmSync(path + suffix);
    const session = await open();
    expect(await session.query('SELECT x FROM t')).toHaveLength(2);
    const run = await writer();
    await run('INSERT INTO t VALUES (3)');
    expect(await session.query('SELECT x FROM t')).toHaveLength(3);
    await run('PRAGMA wal_checkpoint(TRUNCATE)');
    await run('INSERT INTO t VALUES (4)');
    expect(await session.query('SELECT x FROM t')).toHaveLength(4);
    await session.close();
  });
});

it('makes no file where there is none', async () => {
  const before = picture();
  const session = await open();
  expect(await session.tableNames()).toEqual([]);
  await session.close();
  expect(picture()).toEqual(before);
});

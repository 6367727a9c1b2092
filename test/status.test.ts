import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { loadReleases } from '../src/core/releases.js';
import { loadChain } from '../src/core/revisions.js';
import { releaseLines, startersOf, writersOf } from '../src/core/starters.js';
import type { Status } from '../src/core/status.js';
import { verdictOn } from '../src/core/verdict.js';
import { ExitCode } from '../src/errors.js';
import { printStatus } from '../src/render/status.js';
import { irreversibleOn } from '../src/schema/index.js';
import { mltrack } from './support/cli.js';
import { createDatabase, type Database, databaseAt, kinds } from './support/databases.js';
import { ordinalOf, stateCount, tablesAt } from './support/fixtures.js';
import { bundled } from './support/share.js';
import { snapshot } from './support/snapshot.js';

const head = stateCount - 1;
const [chain, releases] = await Promise.all([loadChain(), loadReleases()]);

describe.each(bundled())('%s: mltrack db status', (kind) => {
  let database: Database;
  afterEach(() => database.drop());

  it('says who wrote the database and who starts on it, and changes nothing', async () => {
    database = await databaseAt(kind, ordinalOf('acf3f17fdcc7'));
    const untouched = await snapshot(database);
    const run = await mltrack(['db', 'status', database.uri]);
    expect(run.code).toBe(ExitCode.done);
    expect(run.stdout).toContain(
      'revision acf3f17fdcc7, written by MLflow 2.8–2.12; only MLflow 2.8–2.12 starts on it\n47 revisions behind the head; this mltrack knows MLflow up to 3.18\n',
    );
    expect(await snapshot(database)).toEqual(untouched);
  });

  it.each([
    ['2.9', ExitCode.done, 'accepts', false],
    ['2.7.1', ExitCode.ahead, 'ahead', false],
    ['2.13', ExitCode.behind, 'behind', true],
    ['3.18', ExitCode.behind, 'behind', true],
  ])('MLflow %s: exit %i, %s, migrates by itself: %s', async (version, code, relation, migratesByItself) => {
    database = await databaseAt(kind, ordinalOf('acf3f17fdcc7'));
    const run = await mltrack(['db', 'status', database.uri, '--mlflow-version', version, '--json']);
    expect(run.code).toBe(code);
    expect(run.events[0]?.mlflow).toMatchObject({ relation, migratesByItself });
  });

  it('says what lies ahead, how big it is, and its character set, as one event', async () => {
    database = await databaseAt(kind, ordinalOf('acf3f17fdcc7'));
    await database.run(
      "INSERT INTO experiments (experiment_id, name) VALUES (1, 'one')",
      "INSERT INTO experiment_tags VALUES ('a', 'b', 1)",
      'CREATE TABLE mine (id INT)',
    );
    const untouched = await snapshot(database);
    const run = await mltrack(['db', 'status', database.uri, '--json']);
    expect(run.code).toBe(ExitCode.done);
    expect(await snapshot(database)).toEqual(untouched);
    const status = run.events[0] as unknown as Status;
    expect(status).toMatchObject({
      version: 1,
      releases: '2.8–2.12',
      head: chain.revisions.at(-1)?.revision,
    });
    const size = (name: string) => status.tables.find(({ table }) => table === name);
    expect(size('experiments')).toMatchObject({ mlflow: true, rows: 1, exact: true });
    expect(size('experiments')?.bytes).toBeGreaterThan(500);
    expect(size('mine')).toMatchObject({ mlflow: false, rows: 0, exact: true });
    expect(status.total).toMatchObject({ tables: status.tables.length, rows: 3, exact: true });
    const bytes = status.tables.map((table) => table.bytes ?? 0);
    expect(bytes).toEqual([...bytes].sort((a, b) => b - a));
    expect(status.about.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['collation', kinds[kind].dialect === 'mysql' ? 'character set' : 'encoding']),
    );
    const ahead = chain.revisions.slice(ordinalOf('acf3f17fdcc7') + 1);
    expect(status.pending.irreversible.map(({ revision }) => revision)).toEqual(
      ahead
        .filter((revision) => irreversibleOn(revision, kinds[kind].dialect))
        .map(({ revision }) => revision),
    );
    const rows = (id: string) => status.pending.irreversible.find(({ revision }) => revision === id)?.rows;
    expect([rows('17e22815139b'), rows('bda7b8c39065')]).toEqual([1, 0]);
    // Its table is not there yet, so today nothing of it takes long.
    const long = new Map(status.pending.long.map(({ revision, tables }) => [revision, tables]));
    expect(long.has('c1d2e3f4a5b6')).toBe(false);
    expect(long.get('a5b4c3d2e1f0')).toEqual([
      expect.objectContaining({ table: 'metrics', rows: 0, exact: true }),
    ]);
  });

  it('an empty database', async () => {
    database = await createDatabase(kind);
    const run = await mltrack(['db', 'status', database.uri, '--json']);
    expect(run.code).toBe(ExitCode.done);
    expect(run.events[0]).toMatchObject({ revision: null, behind: head, mlflow: null, tables: [] });
    expect(run.events[0]?.pending).toEqual({ irreversible: [], long: [] });
  });

  it('a newer database is refused, with what this mltrack knows', async () => {
    database = await databaseAt(kind, head);
    await database.run("UPDATE alembic_version SET version_num = 'ffffffffffff'");
    const run = await mltrack(['db', 'status', database.uri]);
    expect(run.code).toBe(ExitCode.ahead);
    expect(run.stderr).toMatch(/not one of MLflow's up to 3\.18\.0: a newer MLflow has probably written it/);
  });
});

describe('the text', () => {
  const table = (name: string, more: Partial<Status['tables'][number]> = {}) => ({
    ...{ table: name, mlflow: true, rows: 7, exact: true, bytes: 1024 },
    ...more,
  });
  const status: Status = {
    ...{ event: 'status', version: 1, database: '/db', server: 'S 1', revision: 'abc', releases: '2.9' },
    ...{ written: 'written by MLflow 2.9', starts: 'only MLflow 2.9 starts on it', behind: 1, head: 'def' },
    ...{
      known: 'this mltrack knows MLflow up to 3.18',
      mlflow: null,
      about: [{ name: 'encoding', value: 'UTF8' }],
    },
    pending: {
      irreversible: [
        {
          ...{ revision: 'def', release: '3.0.0', title: 't', kind: 'rows', why: 'w '.repeat(60).trim() },
          ...{ tables: ['spans'], rows: 1234 },
        },
      ],
      long: [
        {
          ...{ revision: 'def', release: '3.0.0', title: 't' },
          tables: [{ table: 'spans', work: 'rewrite', rows: 1234, exact: false }],
        },
      ],
    },
    sessions: {
      lock: 'process 1 of bob',
      transactions: ["process 2 of eve: SELECT '…'"],
      others: ['process 3'],
      hidden: 'much',
    },
    tables: [
      ...Array.from({ length: 12 }, (_, i) => table(`t${i}`)),
      table('locked', { rows: null, exact: false, bytes: null }),
      table('mine', { mlflow: false }),
    ],
    total: { tables: 14, rows: 91, exact: false, bytes: 13 * 1024 },
  };
  const printed = (options: Parameters<typeof printStatus>[1]): string => {
    vi.stubEnv('COLUMNS', '80');
    const texts: string[] = [];
    const spy = vi.spyOn(process.stdout, 'write').mockImplementation((text) => texts.push(String(text)) > 0);
    try {
      printStatus(status, options);
    } finally {
      spy.mockRestore();
      vi.unstubAllEnvs();
    }
    return texts.join('');
  };

  it('has the summary first, ten tables and the sum of the rest, in 80 columns', () => {
    const lines = printed({}).split('\n');
    expect(lines.slice(0, 4)).toEqual([
      '/db (S 1)',
      'revision abc, written by MLflow 2.9; only MLflow 2.9 starts on it',
      '1 revision behind the head; this mltrack knows MLflow up to 3.18',
      'encoding UTF8',
    ]);
    for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(80);
    const text = lines.join('\n');
    expect(text).toContain('  def  MLflow 3.0.0  1,234 rows in spans\n    w w');
    expect(text).toContain('  def  MLflow 3.0.0  spans (~1,234)');
    expect(text).toContain('mltrack is at work here: process 1 of bob');
    expect(text).toMatch(/open\n {2}process 2 of eve.*\nconnected\n {2}process 3\nnot seen: much/);
    expect(lines.filter((line) => /^ {2}t\d+ /.test(line))).toHaveLength(10);
    expect(text).toMatch(/\n {2}4 more +~21 +3\.0 KiB\n {2}total +~91 +13\.0 KiB\n$/);
  });

  it('has all tables with --all-tables, the user’s marked, what is not known said', () => {
    const text = printed({ allTables: true });
    expect(text.match(/^ {2}t\d+ /gm)).toHaveLength(12);
    expect(text).toMatch(/\n {2}locked +not known\n/);
    expect(text).toMatch(/\n {2}mine \(not MLflow’s\) +7 +1\.0 KiB\n/);
  });
});

describe('a verdict', () => {
  const at = (ordinal: number, version: string, more: readonly string[] = []) =>
    verdictOn(
      {
        state:
          ordinal === 0
            ? { kind: 'unstamped', tables: [], fresh: false, strangers: [] }
            : { kind: 'revision', ordinal },
        current: ordinal,
        tables: [...tablesAt(ordinal, 'sqlite').keys(), ...more],
      },
      { version, where: 'here' },
      chain,
      releases,
    );

  it.each([
    // Releases before 1.4 migrated only an empty database.
    ['90e64c465722', '1.3.0', false],
    // From 1.4 on where one of seven tables is missing: latest_metrics came in 1.3.
    ['7ac759974ad8', '1.4.0', true],
    ['89d4b8295536', '1.30.1', false],
    // 2.2 compares alembic_version too, and so always does.
    ['cc1f77228345', '2.2.2', true],
    // From 2.3 to 3.8 where the tables are not exactly those it names.
    ['3500859a5d39', '2.4.2', false],
    ['3500859a5d39', '2.8.1', true],
    ['bf29a5ff90ea', '3.8.1', true],
    // From 3.12 on where any of its own is missing.
    ['8b6ad64cb8f5', '3.18.0', false],
    ['e7d1f4b2a9c6', '3.18.0', true],
  ])('on %s MLflow %s migrates by itself: %s', async (revision, version, expected) => {
    const verdict = await at(ordinalOf(revision), version);
    expect([verdict.relation, verdict.migratesByItself]).toEqual(['behind', expected]);
    expect(verdict.todo).toBe(`mltrack db upgrade --to ${version}`);
  });

  it('a table of the user’s own makes MLflow 2.4 migrate, and 3.18 not', async () => {
    expect((await at(ordinalOf('3500859a5d39'), '2.4.2', ['mine'])).sentence).toContain(
      'it does not expect mine',
    );
    expect((await at(ordinalOf('8b6ad64cb8f5'), '3.18.0', ['mine'])).migratesByItself).toBe(false);
  });

  it('every release accepts its own head, and only that', async () => {
    for (const [version, revision] of releases) {
      expect((await at(ordinalOf(revision), version)).relation).toBe('accepts');
      expect(startersOf(chain, releases, ordinalOf(revision))).toMatch(/^only MLflow /);
    }
  });

  it('a revision at which no release ends is said to be one', () => {
    const heads = new Set(releases.values());
    const inside = chain.revisions.flatMap(({ revision }, i) =>
      revision && !heads.has(revision) ? [i] : [],
    );
    expect(inside.length).toBeGreaterThan(5);
    for (const ordinal of inside) {
      expect(writersOf(chain, releases, ordinal)).toMatch(/^a step on the way to MLflow \d+\.\d+$/);
      expect(startersOf(chain, releases, ordinal)).toMatch(/^no release of MLflow starts on it/);
    }
    expect(writersOf(chain, releases, 0)).toBe('written by MLflow 0.9.1 or older');
    expect(releaseLines(releases, 'ffffffffffff')).toBeNull();
  });
});

describe('the MLflow installed nearby', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mltrack-nearby-'));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** A virtual environment with an MLflow in it. */
  function environment(name: string, version: string): string {
    const [bin, packages] = [join(folder, name, 'bin'), join(folder, name, 'lib/python3.11/site-packages')];
    mkdirSync(bin, { recursive: true });
    mkdirSync(join(packages, `mlflow-${version}.dist-info`), { recursive: true });
    writeFileSync(join(bin, 'mlflow'), `#!${bin}/python3.11\nimport mlflow\n`);
    return join(folder, name);
  }

  const versionSeen = async (env: Record<string, string>) => {
    const run = await mltrack(['db', 'status', 'sqlite:///none.db', '--json'], { cwd: folder, env });
    return (run.events[0]?.mlflow as { version: string } | null)?.version;
  };

  it('is found in the active environment, on PATH, and through a link on PATH', async () => {
    const [active, onPath] = [environment('a', '3.6.0'), environment('b', '2.9.2')];
    const path = process.env.PATH ?? '';
    expect(await versionSeen({ VIRTUAL_ENV: active, PATH: `${onPath}/bin:${path}` })).toBe('3.6.0');
    expect(await versionSeen({ PATH: `${onPath}/bin:${path}` })).toBe('2.9.2');
    mkdirSync(join(folder, 'local'));
    symlinkSync(join(onPath, 'bin/mlflow'), join(folder, 'local/mlflow'));
    expect(await versionSeen({ PATH: `${folder}/local:${path}` })).toBe('2.9.2');
    expect(await versionSeen({ PATH: path })).toBeUndefined();
  });

  it('of a release that is not known is no reason to stop', async () => {
    const active = environment('c', '4.0.0');
    const run = await mltrack(['db', 'status', 'sqlite:///none.db'], {
      cwd: folder,
      env: { VIRTUAL_ENV: active },
    });
    expect(run.code).toBe(ExitCode.done);
    expect(run.stdout).toContain('MLflow 4.0.0 (installed in');
  });
});

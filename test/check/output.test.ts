import { execFile, execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exitCodeOf, worstOf } from '../../src/core/check/exit.js';
import { ExitCode } from '../../src/errors.js';
import { expectRefusal, mltrack, otherPassword, type RunOptions } from '../support/cli.js';
import { type Database, databaseAt, type ServerKind } from '../support/databases.js';
import { ordinalOf, stateCount } from '../support/fixtures.js';
import { bundled } from '../support/share.js';
import { finding, notChecked, report } from './made.js';

const head = stateCount - 1;
const check = (args: readonly string[], options?: RunOptions) => mltrack(['db', 'check', ...args], options);

/** A warning, an error and a note. */
const drift = (kind: ServerKind): string[] => [
  `DROP INDEX index_metrics_run_uuid_key_step${kind === 'mysql' || kind === 'mariadb' ? ' ON metrics' : ''}`,
  'ALTER TABLE experiments DROP COLUMN last_update_time',
  'CREATE TABLE mine (x INTEGER)',
];

describe.each(bundled())('%s: mltrack db check', (kind) => {
  let database: Database;
  beforeAll(async () => {
    database = await databaseAt(kind, head);
  });
  afterAll(() => database.drop());

  it('says that a new database is clean, then what was changed, in words and in events', async () => {
    const clean = await check([database.uri, '--json']);
    expect(clean.code, clean.stdout).toBe(ExitCode.done);
    expect(clean.events).toMatchObject([
      { event: 'check', name: null, behind: 0, findings: [], ignored: [], notChecked: [], exitCode: 0 },
      { event: 'checked', databases: 1, failed: 0, errors: 0, warnings: 0, notes: 0, exitCode: 0 },
    ]);

    await database.run(...drift(kind));
    const [text, json] = [await check([database.uri]), await check([database.uri, '--json'])];
    expectRefusal(text, ExitCode.drift, /mltrack db repair \S+ --dry-run/);
    const ids = [
      'column-missing:experiments.last_update_time',
      'index-missing:metrics.index_metrics_run_uuid_key_step',
      'table-extra:mine',
    ];
    let last = -1;
    for (const id of ids) {
      const at = text.stdout.indexOf(id);
      expect(at, `${id} in\n${text.stdout}`).toBeGreaterThan(last);
      last = at;
    }
    expect(text.stdout).toMatch(/\n {2}1 error, 1 warning, 1 note\n$/);
    expect(text.stdout).toMatch(/\n {6}(CREATE INDEX|ALTER TABLE) .*index_metrics_run_uuid_key_step.*;\n/);

    expect(json.code).toBe(ExitCode.drift);
    const [one, all, error] = json.events;
    const findings = one?.findings as { id: string; severity: string; sql: string[] }[];
    expect(findings.map(({ id }) => id).sort()).toEqual(ids);
    expect(new Map(findings.map(({ id, severity }) => [id, severity]))).toEqual(
      new Map(ids.map((id, i) => [id, ['error', 'warning', 'note'][i]])),
    );
    expect(one?.exitCode).toBe(ExitCode.drift);
    expect(all).toMatchObject({
      event: 'checked',
      errors: 1,
      warnings: 1,
      notes: 1,
      exitCode: ExitCode.drift,
    });
    expect(error).toMatchObject({ event: 'error', exitCode: ExitCode.drift });
  });
});

describe('mltrack db check', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mltrack-check-'));
  let clean: Database;
  let drifted: Database;
  let old: Database;
  const unreachable = `postgresql://mlflow:${otherPassword}@127.0.0.1:1/none`;
  beforeAll(async () => {
    [clean, drifted, old] = await Promise.all([
      databaseAt('sqlite', head),
      databaseAt('sqlite', head),
      databaseAt('sqlite', ordinalOf('acf3f17fdcc7')),
    ]);
    await drifted.run('DROP INDEX index_metrics_run_uuid_key_step', 'CREATE TABLE mine (x INTEGER)');
  });
  afterAll(async () => {
    await Promise.all([clean, drifted, old].map((database) => database.drop()));
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([
    ['error', 0],
    ['note', 3],
  ] as const)('--fail-on %s: exit %i', async (severity, code) => {
    expect((await check([drifted.uri, '--fail-on', severity])).code).toBe(code);
  });

  it.each([
    ['2.9', 0],
    ['2.7.1', 5],
    ['3.18', 4],
  ] as const)('--for %s of a database of MLflow 2.8: exit %i', async (version, code) => {
    const run = await check([old.uri, '--for', version, '--json']);
    expect(run.code).toBe(code);
    expect(run.events[0]).toMatchObject({
      exitCode: code,
      mlflow: { version: expect.stringMatching(`^${version}`) },
    });
    if (code !== 0) expect(run.events.at(-1)?.hints).not.toEqual([]);
  });

  it('being behind is a note, and with --require-head an error', async () => {
    const run = await check([old.uri]);
    expect(run.code).toBe(ExitCode.done);
    expect(run.stdout).toContain('note     revision-behind:acf3f17fdcc7');
    expect((await check([old.uri, '--require-head'])).code).toBe(ExitCode.drift);
  });

  it('one that cannot be reached does not keep the others from it; the worst code counts', async () => {
    const run = await check([unreachable, drifted.uri, old.uri, '--for', '2.9', '--json']);
    expect(run.code).toBe(ExitCode.unreachable);
    expect(run.events.map(({ event, exitCode }) => [event, exitCode])).toEqual([
      ['check-failed', ExitCode.unreachable],
      ['check', ExitCode.ahead],
      ['check', ExitCode.done],
      ['checked', ExitCode.unreachable],
      ['error', ExitCode.unreachable],
    ]);
    const text = await check([unreachable, clean.uri]);
    expectRefusal(text, ExitCode.unreachable, /1 of 2 databases could not be checked/);
    expect(text.stdout).toContain('postgresql://mlflow@127.0.0.1:1/none: could not be checked');
    expect(text.stdout).toContain('clean');
    expect(text.stdout).toMatch(
      /\n2 databases: 0 errors, 0 warnings, 0 notes; 1 database not checked at all\n$/,
    );
  });

  it('one alone that cannot be reached is told once', async () => {
    const run = await check([unreachable]);
    expectRefusal(run, ExitCode.unreachable);
    expect(run.stdout).toBe('');
  });

  it.each([
    ['text', /^sqlite:.*\n {2}warning {2}index-missing:[\s\S]*\n {2}0 errors, 1 warning, 1 note\n$/],
    ['json', /^{"event":"check",.*}\n{"event":"checked",.*}\n$/],
    ['sarif', /^{\n {2}"\$schema": "https:[\s\S]*\n}\n$/],
    ['junit', /^<\?xml [\s\S]*<failure message="warning: index [\s\S]*<\/testsuites>\n$/],
    ['markdown', /^## mltrack db check: failed\n[\s\S]*\n0 errors, 1 warning, 1 note\n$/],
    ['github', /^::warning title=.*\n::notice title=.*\nmltrack db check: .*\n$/],
  ])('--output: %s in a file, its summary on the terminal', async (format, whole) => {
    const file = join(folder, `report.${format}`);
    const run = await check([drifted.uri, '--format', format, '--output', file]);
    expect(run.code).toBe(ExitCode.drift);
    expect(readFileSync(file, 'utf8')).toMatch(whole);
    if (format === 'json') expect(run.events.map(({ event }) => event)).toEqual(['checked', 'error']);
    else expect(run.stdout).toBe(`${drifted.uri}: 0 errors, 1 warning, 1 note\nthe report is in ${file}\n`);
    // Nothing of the way it was written is left.
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('--output: no colours in a file, whatever the environment says', async () => {
    const file = join(folder, 'plain.txt');
    const run = await check([clean.uri, '-q', '--output', file], { env: { FORCE_COLOR: '1' } });
    expect(run).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(readFileSync(file, 'utf8')).toMatch(/\n {2}clean \(/);
    expect(readFileSync(file, 'utf8')).not.toContain('\u001b');
  });

  it('--output: keeps a link, writes to what is no file, refuses a directory, before it connects', async () => {
    const [real, link] = [join(folder, 'real.json'), join(folder, 'link.json')];
    writeFileSync(real, 'old');
    symlinkSync(real, link);
    expect((await check([clean.uri, '--format', 'json', '--output', link])).code).toBe(0);
    expect(readFileSync(real, 'utf8')).toContain('"check"');
    expect(readFileSync(link, 'utf8')).toBe(readFileSync(real, 'utf8'));
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const reader = promisify(execFile)('cat', [pipe]);
    const piped = await check([clean.uri, '-q', '--format', 'markdown', '--output', pipe]);
    expect(piped.code, piped.stderr).toBe(0);
    expect((await reader).stdout).toMatch(/^## mltrack db check: passed/);
    expect(statSync(pipe).isFIFO()).toBe(true);
    expectRefusal(await check([unreachable, '--output', folder]), ExitCode.usage, /is a directory/);
    expectRefusal(
      await check([unreachable, '--output', '/nonexistent/x']),
      ExitCode.usage,
      /cannot be written/,
    );
  });

  it('--quiet: nothing where nothing fails, and else only that', async () => {
    expect(await check([clean.uri, '-q'])).toMatchObject({ code: 0, stdout: '', stderr: '' });
    const run = await check([clean.uri, drifted.uri, '-q']);
    expect(run.code).toBe(ExitCode.drift);
    expect(run.stdout).toContain('index-missing:');
    expect(run.stdout).not.toContain('table-extra:');
    expect(run.stdout).not.toContain(clean.uri);
  });

  it('github: adds to the step summary, and checks on where it cannot', async () => {
    const file = join(folder, 'summary.md');
    writeFileSync(file, 'before\n');
    const run = await check([drifted.uri, '--format', 'github'], { env: { GITHUB_STEP_SUMMARY: file } });
    expect(run.code).toBe(ExitCode.drift);
    expect(run.stdout).toMatch(/^::warning title=.*index-missing::/);
    expect(readFileSync(file, 'utf8')).toMatch(/^before\n## mltrack db check: failed\n/);
    const other = await check([clean.uri, '--format', 'github'], {
      env: { GITHUB_STEP_SUMMARY: '/nonexistent/x' },
    });
    expect(other.code).toBe(0);
    expect(other.stderr).toContain('the step summary cannot be written');
    const text = await check([clean.uri], { env: { GITHUB_STEP_SUMMARY: join(folder, 'none.md') } });
    expect([text.code, existsSync(join(folder, 'none.md'))]).toEqual([0, false]);
  });

  it.each([
    [['--format', 'xml'], /Allowed choices are text, json/],
    [['--json', '--format', 'sarif'], /exclude each other/],
    [['--for', '9.9'], /MLflow 9\.9 is not a release/],
    [['--password-stdin', 'sqlite:///other.db'], /several databases, and one password/],
  ])('%j: exit 2', async (args, says) => {
    const run = await check([clean.uri, ...args]);
    expect(run.code).toBe(ExitCode.usage);
    expect(`${run.stdout}${run.stderr}`).toMatch(says);
  });

  it('takes MLflow’s variables where no database is named', async () => {
    const run = await check([], { env: { MLFLOW_BACKEND_STORE_URI: drifted.uri } });
    expect(run.code).toBe(ExitCode.drift);
  });
});

describe('the exit code', () => {
  const of = (more: Parameters<typeof report>[0], requireComplete = false) =>
    exitCodeOf(report(more), { failOn: 'warning', requireComplete });

  it('is that of the worst: ahead, then incomplete, then drift, then behind', () => {
    const mlflow = (relation: 'accepts' | 'behind' | 'ahead' | 'creates') => ({
      ...{ version: '3.16.0', relation, migratesByItself: false, sentence: '', todo: null },
    });
    const drifted = { findings: [finding()] };
    const hidden = { notChecked: [notChecked] };
    expect(of({})).toBe(0);
    expect(of({ findings: [finding({ severity: 'note' })] })).toBe(0);
    expect(of(hidden)).toBe(0);
    expect(of({ mlflow: mlflow('accepts') })).toBe(0);
    expect(of({ mlflow: mlflow('behind') })).toBe(4);
    expect(of({ mlflow: mlflow('creates') })).toBe(4);
    expect(of({ ...drifted, mlflow: mlflow('behind') })).toBe(3);
    expect(of({ ...drifted, ...hidden }, true)).toBe(10);
    expect(of({ ...drifted, ...hidden, mlflow: mlflow('ahead') }, true)).toBe(5);
  });

  it('of several is the first of 1 2 9 5 10 7 3 4', () => {
    const order = [1, 2, 9, 5, 10, 7, 3, 4];
    for (let i = 0; i < order.length; i++) expect(worstOf([0, ...order.slice(i).reverse()])).toBe(order[i]);
    expect(worstOf([])).toBe(0);
    expect(worstOf([0, 0])).toBe(0);
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readIgnores } from '../../src/core/check/ignore-file.js';
import { cover, matches, staleOf } from '../../src/core/check/ignores.js';
import type { Reported } from '../../src/core/check/report.js';
import { ExitCode, MltrackError } from '../../src/errors.js';
import { expectRefusal, mltrack } from '../support/cli.js';
import { type Database, databaseAt } from '../support/databases.js';
import { stateCount } from '../support/fixtures.js';
import { finding, notChecked } from './made.js';

const folder = mkdtempSync(join(tmpdir(), 'mltrack-ignores-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = join(folder, 'ignores.yml');
const read = (text: string) => {
  writeFileSync(file, text);
  return readIgnores(file);
};
const today = '2026-11-25';
const of = { name: 'prod', database: 'mysql://u@h/d' };
const extra = (table: string, name: string): Reported =>
  finding({ rule: 'index-extra', table, name, id: `index-extra:${table}.${name}`, severity: 'note' });
const findings = [finding(), extra('runs', 'mine'), extra('runs', 'yours'), extra('tags', 'mine')];
const idsOf = (found: readonly Reported[]): string[] => found.map(({ id }) => id);

/** The ids that an ignore file covers, in a database. */
const covered = async (text: string, where = of): Promise<string[]> =>
  cover(await read(text), where, findings, today).ignored.map(({ finding: one }) => one.id);

describe('an ignore file', () => {
  it.each([
    [
      '- {id: "index-missing:metrics.index_metrics_run_uuid", reason: x}',
      ['index-missing:metrics.index_metrics_run_uuid'],
    ],
    [
      '- {rule: index-extra, reason: x}',
      ['index-extra:runs.mine', 'index-extra:runs.yours', 'index-extra:tags.mine'],
    ],
    ['- {rule: index-extra, table: runs, reason: x}', ['index-extra:runs.mine', 'index-extra:runs.yours']],
    ['- {rule: "*-extra", name: "m?ne", reason: x}', ['index-extra:runs.mine', 'index-extra:tags.mine']],
    ['- {id: "index-extra:runs.*", name: mine, reason: x}', ['index-extra:runs.mine']],
    ['- {rule: index-extra, name: min, reason: x}', []],
    [
      '- {rule: index-extra, table: runs, database: prod, reason: x}',
      ['index-extra:runs.mine', 'index-extra:runs.yours'],
    ],
    [
      '- {rule: index-extra, table: runs, database: "mysql://*/d", reason: x}',
      ['index-extra:runs.mine', 'index-extra:runs.yours'],
    ],
    ['- {rule: index-extra, database: "mysql://*/e", reason: x}', []],
    ['- {rule: table-extra, table: "*", reason: x}', []],
  ])('%s', async (text, ids) => {
    expect(await covered(text)).toEqual(ids);
  });

  it('covers to the end of its last day', async () => {
    const until = (day: string) => covered(`- {rule: index-missing, reason: x, expires: ${day}}`);
    expect(await until('2026-11-25')).toHaveLength(1);
    expect(await until('2026-11-24')).toHaveLength(0);
  });

  it('keeps what it does not cover, and says why and until when of what it does', async () => {
    const ignores = await read('- rule: index-missing\n  reason: rebuilt on Sunday\n  expires: 2026-12-01\n');
    const parted = cover(ignores, of, findings, today);
    expect(idsOf(parted.findings)).toEqual(idsOf(findings.slice(1)));
    expect(parted.ignored).toEqual([
      { finding: findings[0], reason: 'rebuilt on Sunday', expires: '2026-12-01' },
    ]);
  });

  it.each([
    ['- rule: index-extra', 'ignores.yml:1: [0].reason: is missing'],
    ['- rule: index-extra\n  reason: "  "', 'ignores.yml:2: [0].reason: is empty: say why'],
    ['- rule: index-extra\n  reason:', 'ignores.yml:2: [0].reason: is empty: say why'],
    ['- rule: index_extra\n  reason: x', 'ignores.yml:1: [0].rule: no rule is called so'],
    ['- id: extra:x\n  reason: x', 'ignores.yml:1: [0].id: no rule is called so'],
    ['- table: runs\n  reason: x', 'ignores.yml:1: [0].id: each entry has an id or a rule'],
    [
      '- id: index-extra:x\n  rule: index-extra\n  reason: x',
      'ignores.yml:1: [0].id: each entry has an id or a rule',
    ],
    [
      '- rule: index-extra\n  reason: x\n- rule: index-extra\n  reason: x\n  until: x',
      'ignores.yml:5: [1].until: unknown key',
    ],
    [
      '- rule: index-extra\n  reason: x\n  expires: soon',
      'ignores.yml:3: [0].expires: is not a date such as 2027-01-31',
    ],
    [
      '- rule: index-extra\n  reason: x\n  expires: 2026-02-30',
      'ignores.yml:3: [0].expires: is not a date such as 2027-01-31',
    ],
    ['rule: index-extra', 'ignores.yml:1: expected a list'],
  ])('%j: exit 2, with the line', async (text, says) => {
    const error = await read(text).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof MltrackError)) throw new Error(`not refused: ${error}`);
    expect(error.exitCode).toBe(ExitCode.usage);
    expect(error.message.replaceAll(`${folder}/`, '')).toBe(says);
  });

  it('may be empty', async () => {
    expect(await covered('[]')).toEqual([]);
  });
});

describe('a glob', () => {
  it.each([
    ['a*', 'abc', true],
    ['a*', 'ba', false],
    ['*', '', true],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['?', '🦄', true],
    ['a.c', 'abc', false],
    ['[x]*(y)^$|{1}+\\', '[x]..(y)^$|{1}+\\', true],
    ['a*c', 'a\nb\nc', true],
    ['A', 'a', false],
  ])('%j of %j: %s', (pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected);
  });
});

describe('entries that cover nothing', () => {
  const use = (used: ReadonlySet<never> | null, more = {}) => ({
    ...of,
    used,
    notChecked: [],
    rows: true,
    ...more,
  });
  const stale = async (text: string, ...uses: Parameters<typeof staleOf>[1]) =>
    staleOf(await read(text), uses, today).map((sentence) => sentence.replaceAll(`${folder}/`, ''));

  it('are reported with their line and reason; expired ones always', async () => {
    const text =
      '- {rule: index-missing, reason: a}\n- {rule: index-extra, reason: b, expires: 2026-01-31}\n';
    expect(await stale(text, use(new Set()))).toEqual([
      'ignores.yml:1: index-missing covers nothing: take it out (a)',
      'ignores.yml:2: index-extra expired on 2026-01-31 and covers nothing since (b)',
    ]);
  });

  it('are not reported where a database of theirs could not be looked at, or not in whole', async () => {
    const text =
      '- {rule: trigger-missing, reason: a}\n- {rule: rows-orphaned, reason: b}\n- {rule: index-extra, reason: c, database: other}\n';
    const third = 'ignores.yml:3: index-extra covers nothing: take it out (c)';
    expect(await stale(text, use(null))).toEqual([third]);
    expect(await stale(text, use(new Set(), { rows: false, notChecked: [notChecked] }))).toEqual([third]);
    expect(await stale(text, use(new Set()))).toHaveLength(3);
  });

  it('are none where another database that shares the file needs them', async () => {
    const ignores = await read('- {rule: index-missing, reason: a}');
    const used = cover(ignores, of, findings, today).used;
    expect(staleOf(ignores, [use(new Set()), { ...use(null), used }], today)).toEqual([]);
  });
});

describe('mltrack db check --ignore', () => {
  let [one, two] = [] as unknown as [Database, Database];
  beforeAll(async () => {
    [one, two] = await Promise.all([
      databaseAt('sqlite', stateCount - 1),
      databaseAt('sqlite', stateCount - 1),
    ]);
    await one.run('DROP INDEX index_metrics_run_uuid_key_step', 'CREATE TABLE mine (x INTEGER)');
    await two.run('CREATE TABLE mine (x INTEGER)');
  });
  afterAll(() => Promise.all([one, two].map((database) => database.drop())));

  it('leaves out what is covered, tells it, and reports what is not needed', async () => {
    writeFileSync(
      file,
      `- {rule: index-missing, table: metrics, reason: rebuilt on Sunday, expires: 2099-01-01}
- {rule: table-extra, name: mine, reason: never matches}
- {rule: "table-*", table: mine, reason: ours}
`,
    );
    const run = await mltrack(['db', 'check', one.uri, two.uri, '--ignore', file, '--json']);
    expect(run.code, run.stdout).toBe(ExitCode.done);
    const [first, second, all] = run.events;
    expect(first?.ignored).toMatchObject([
      { reason: 'rebuilt on Sunday', expires: '2099-01-01' },
      { reason: 'ours', expires: null },
    ]);
    expect(second?.ignored).toMatchObject([{ reason: 'ours' }]);
    expect([first?.findings, second?.findings]).toEqual([[], []]);
    expect(first?.staleIgnores).toEqual([
      `${file}:2: table-extra covers nothing: take it out (never matches)`,
    ]);
    expect(second?.staleIgnores).toEqual([]);
    expect(all).toMatchObject({ ignored: 3, warnings: 0, exitCode: 0 });
    const text = await mltrack(['db', 'check', one.uri, '--ignore', file]);
    expect(text.stdout).toContain(
      '  ignored  index-missing:metrics.index_metrics_run_uuid_key_step: rebuilt on Sunday (until 2099-01-01)\n',
    );
    expect(text.stdout).toContain('0 errors, 0 warnings, 0 notes; 2 ignored\n');
    expect(text.stdout).not.toContain('clean');
  });

  it('an entry past its date covers nothing', async () => {
    writeFileSync(file, '- {rule: index-missing, reason: rebuilt on Sunday, expires: 2026-01-31}\n');
    const run = await mltrack(['db', 'check', one.uri, '--ignore', file]);
    expectRefusal(run, ExitCode.drift);
    expect(run.stdout).toContain(
      'index-missing expired on 2026-01-31 and covers nothing since (rebuilt on Sunday)',
    );
  });

  it('an entry without a reason: exit 2', async () => {
    writeFileSync(file, '- rule: index-missing\n');
    expectRefusal(
      await mltrack(['db', 'check', one.uri, '--ignore', file]),
      ExitCode.usage,
      /\[0\]\.reason: is missing/,
    );
  });
});

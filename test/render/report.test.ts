import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ParserError, parse } from 'parse5';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandLine } from '../../src/commands/command-line.js';
import { writeAfter } from '../../src/commands/reporting.js';
import { timelineOf } from '../../src/core/report-facts.js';
import { loadChain } from '../../src/core/revisions.js';
import { MltrackError } from '../../src/errors.js';
import { html } from '../../src/render/html/html.js';
import { page } from '../../src/render/html/page.js';
import { planPage } from '../../src/render/html/plan.js';
import { irreversibleOn } from '../../src/schema/revision.js';
import { daysAgo, type GcWorld, gcWorld } from '../gc/plan-world.js';
import { expectRefusal, mltrack, otherPassword } from '../support/cli.js';
import { type Database, databaseAt } from '../support/databases.js';
import { ordinalOf, stateCount } from '../support/fixtures.js';
import { bundled } from '../support/share.js';

const evil = `<script>alert("1")</script>&amp;'`;

/** Reads a page as a browser does, and fails on everything that a browser would have to guess at. */
function read(text: string): string {
  const errors: ParserError[] = [];
  const tree = parse(text, { onParseError: (error) => errors.push(error) });
  expect(errors.map(({ code, startLine }) => `${code} in line ${startLine}`)).toEqual([]);
  const words: string[] = [];
  const walk = (node: {
    nodeName: string;
    childNodes?: unknown[];
    value?: string;
    attrs?: { name: string; value: string }[];
  }) => {
    expect(['script', 'link', 'img', 'iframe', 'object', 'embed', 'base', 'form']).not.toContain(
      node.nodeName,
    );
    for (const { name, value } of node.attrs ?? []) {
      expect(name).not.toMatch(/^on|^src|^style$/);
      if (name === 'href') expect(value).toMatch(/^#/);
    }
    if (node.nodeName === '#text') words.push(node.value ?? '');
    for (const child of node.childNodes ?? []) walk(child as never);
  };
  walk(tree as never);
  expect(text).not.toMatch(/@import|url\(/);
  return words.join(' ').replace(/\s+/g, ' ');
}

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'mltrack-report-'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const report = () => join(home, 'report.html');
const shown = (): string => read(readFileSync(report(), 'utf8'));
const grouped = (n: number): string => n.toLocaleString('en');

describe('a template', () => {
  it('escapes what it is given, writes out what steers a terminal or turns a line, and joins lists', () => {
    expect(html`<p title="${evil}">${[evil, 1, null, false, html`<b>${'x'}</b>`]}</p>`.text).toBe(
      '<p title="&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;amp;&#39;">&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;amp;&#39;1<b>x</b></p>',
    );
    const odd = 'a\u0000\u202e\ud800\uffff實';
    const text = page(
      { title: odd, verdict: { tone: 'good', text: odd }, facts: [[odd, odd]], body: html`<p>${odd}</p>` },
      { commandLine: odd, version: '1', madeAt: 0 },
    );
    expect(read(text)).toContain('a\\u0000\\u202e\ufffd\ufffd實');
  });
});

describe('the command line of a page', () => {
  it.each([
    ['postgresql://u:hunter2@h/db', "mltrack 'postgresql://u:***@h/db'"],
    ['postgresql://u:hunt@h unter2/@h/db', "mltrack 'postgresql://u:***@h/db'"],
    ['--uri=mysql://u:hunter2@h/db', "mltrack '--uri=mysql://u:***@h/db'"],
    [
      'postgresql://h/db?user=u&password=hunter2&sslmode=require',
      "mltrack 'postgresql://h/db?user=u&password=***&sslmode=require'",
    ],
    [
      'wasbs://c@a.blob.core.windows.net/p?sv=1&sig=hunter2',
      "mltrack 'wasbs://c@a.blob.core.windows.net/p?sv=1&sig=***'",
    ],
    ["it's", `mltrack 'it'\\''s'`],
    ['sqlite:///mlflow.db', 'mltrack sqlite:///mlflow.db'],
  ])('%s', (word, told) => {
    expect(commandLine([word]).replace(/'(postgresql:\/\/u:\*\*\*@h\/db)'/, "'$1'")).toBe(told);
  });
});

describe('the timeline', () => {
  it('has each revision once, and what cannot be undone on that server', async () => {
    const chain = await loadChain();
    const at = timelineOf(chain, 'mysql', 5, 8);
    expect(at.map(({ revision }) => revision)).toEqual(
      chain.revisions.slice(1).map(({ revision }) => revision),
    );
    expect(at.slice(3, 9).map(({ place }) => place)).toEqual([
      'passed',
      'here',
      'ahead',
      'ahead',
      'ahead',
      'beyond',
    ]);
    expect(at.map(({ irreversible }) => irreversible)).toEqual(
      chain.revisions.slice(1).map((one) => irreversibleOn(one, 'mysql')?.why ?? null),
    );
    expect(
      timelineOf(chain, 'mysql', 0, 2)
        .filter(({ place }) => place !== 'beyond')
        .map(({ place }) => place),
    ).toEqual(['ahead', 'ahead']);
  });
});

describe.each(bundled())('%s: --report', (kind) => {
  let database: Database;
  beforeAll(async () => {
    database = await databaseAt(kind, ordinalOf('acf3f17fdcc7'));
    await database
      .run("INSERT INTO tags (key, value, run_uuid) VALUES ('k', 'v', 'r')")
      .catch(() => undefined);
  });
  afterAll(() => database.drop());

  it('of a plan: the numbers of --json, where it stands, every statement', async () => {
    const { code, events, stdout, stderr } = await mltrack([
      'db',
      'plan',
      database.uri,
      '--json',
      '--report',
      report(),
    ]);
    expect(code, stdout + stderr).toBe(0);
    expect(events).toHaveLength(1);
    const plan = events[0] as unknown as import('../../src/core/plan.js').Plan;
    const text = shown();
    for (const part of [plan.server, plan.afterwards, `${plan.revisions.length} revisions to pass`])
      expect(text).toContain(part);
    expect(text).toContain('stands at revision acf3f17fdcc7');
    const source = readFileSync(report(), 'utf8');
    for (const { revision, title } of plan.revisions) expect(text).toContain(`${revision} ${title}`);
    const statements = plan.steps.flatMap((step) =>
      step.actions.flatMap(({ sql }) => (sql === null ? [] : [sql])),
    );
    expect(text).toContain(`${grouped(statements.length)} statements`);
    for (const sql of statements) expect(text).toContain(sql.trim().replace(/\s+/g, ' '));
    expect(source.match(/<rect class="irreversible"/g)?.length).toBe(
      plan.revisions.filter(({ irreversible }) => irreversible).length,
    );
    for (const { table, rows } of plan.tables)
      expect(text).toMatch(new RegExp(`${table} +${grouped(rows)} `));
    const [first] = plan.tables;
    const another = { table: first?.table ?? '', mlflow: true, rows: 987_654, exact: false, bytes: null };
    const merged = html`${planPage(plan, { timeline: [], tables: [another] }).body}`.text;
    expect(merged).toContain('1 table, ');
    expect(merged).not.toContain('987,654');
  });

  it('of an upgrade alone it is refused, of its dry run it is the plan', async () => {
    const { code } = await mltrack([
      'db',
      'upgrade',
      database.uri,
      '--dry-run',
      '--quiet',
      '--report',
      report(),
    ]);
    expect(code).toBe(0);
    expect(shown()).toContain('Upgrade plan');
    const refused = await mltrack(['db', 'upgrade', database.uri, '--report', report()]);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('--dry-run only') });
  });
});

describe('db check --report', () => {
  let database: Database;
  beforeAll(async () => {
    database = await databaseAt('sqlite', stateCount - 1);
    await database.run(
      `CREATE TABLE "${evil.replaceAll('"', '""')}" (x INTEGER)`,
      'DROP INDEX index_metrics_run_uuid_key_step',
    );
  });
  afterAll(() => database.drop());

  it('has the findings of --json, and names from the database as text', async () => {
    const { code, events } = await mltrack(['db', 'check', database.uri, '--json', '--report', report()]);
    expect(code).toBe(3);
    const text = shown();
    const [checked] = events as unknown as import('../../src/core/check/report.js').CheckReport[];
    expect(checked?.findings.length).toBeGreaterThan(1);
    for (const { id, message, why, sql } of checked?.findings ?? [])
      for (const part of [id, message, why, ...sql]) expect(text).toContain(part);
    expect(text).toContain(`${evil} (not MLflow’s)`);
    expect(text).toContain('The check fails (exit 3): 0 errors, 1 warning');
  });

  it('has those that cannot be reached, and no password', async () => {
    const away = `postgresql://u:${otherPassword}@127.0.0.1:1/x`;
    const { code, stdout } = await mltrack(['db', 'check', database.uri, away, '--report', report()]);
    expect(code).toBe(9);
    expect(stdout).toContain(`the report is in ${report()}`);
    expect(readFileSync(report(), 'utf8')).not.toContain(otherPassword);
    expect(shown()).toContain('Could not be checked');
    expect(shown()).toContain('postgresql://u@127.0.0.1:1/x');
    expect(shown()).toContain('postgresql://u:***@127.0.0.1:1/x');
  });

  it('refuses a file that cannot be, or must not be, replaced before the database is looked for', async () => {
    const other = join(home, 'mlflow.db');
    writeFileSync(other, 'SQLite format 3');
    for (const file of ['-', home, join(home, 'none', 'x.html'), other]) {
      const run = await mltrack(['db', 'check', 'sqlite:////nonexistent/x.db', '--report', file]);
      expect(run, file).toMatchObject({ code: 2, stderr: expect.stringMatching(/report/) });
    }
    const same = await mltrack([
      'db',
      'check',
      database.uri,
      '--output',
      join(home, 'a'),
      '--report',
      join(home, 'a'),
    ]);
    expect(same).toMatchObject({ code: 2, stderr: expect.stringContaining('the same file') });
    expect(readFileSync(other, 'utf8')).toBe('SQLite format 3');
    expect(readdirSync(home).filter((name) => name.includes('.tmp'))).toEqual([]);
  });
});

describe('gc --report', () => {
  let world: GcWorld;
  beforeAll(async () => {
    world = await gcWorld('sqlite');
    await world.experiment(1, undefined, { name: evil.replaceAll("'", "''") });
    await world.run('old', { deletedAt: daysAgo(60) });
    await world.run('young', { deletedAt: daysAgo(1) });
  });
  afterAll(() => world.drop());
  const gc = (...args: string[]) =>
    mltrack(['gc', world.database.uri, '--older-than', '30d', '--json', '--report', report(), ...args]);

  it('says what would go and what stays, then what went', async () => {
    const [plan] = (await gc('--dry-run')).events as unknown as import('../../src/core/gc/plan.js').GcPlan[];
    const rows = Object.values(plan?.rows ?? {}).reduce((sum, n) => sum + n, 0);
    const planned = shown();
    expect(planned).toContain('1 run would be deleted for good; nothing was deleted');
    expect(planned).toContain(`${rows} rows would go`);
    for (const item of [plan?.items[0], plan?.kept[0] as unknown as { id: string; reason: string }])
      expect(planned).toContain(item?.id);
    expect(planned).toContain(plan?.kept[0]?.reason);

    const run = await gc('--yes');
    expect(run.code, run.stdout).toBe(0);
    const done = run.events.at(-1) as { gone: { run: number }; rows: Record<string, number> };
    const text = shown();
    expect(done.gone.run).toBe(1);
    expect(text).toContain('1 run deleted for good');
    expect(text).toContain(plan?.items[0]?.id);
    for (const [table, n] of Object.entries(done.rows))
      if (n > 0) expect(text).toMatch(new RegExp(`${table} +${n} `));
    await gc('--yes');
    expect(shown()).toContain('Nothing was deleted');
  });

  it('that cannot be written once everything is deleted is no mistake of the command line', async () => {
    await world.run('another', { deletedAt: daysAgo(60) });
    const run = await mltrack([
      'gc',
      world.database.uri,
      '--older-than',
      '30d',
      '--yes',
      '--report',
      '/dev/full',
    ]);
    expectRefusal(
      run,
      1,
      /everything else is done, but the report cannot be written: \/dev\/full \(ENOSPC\)/,
    );
    expect(run.stdout).toMatch(/runs? collected/);
    const [left] = await world.database.rows(
      "SELECT count(*) AS n FROM runs WHERE lifecycle_stage = 'deleted'",
    );
    expect(Number(left?.n), 'the young one').toBe(1);
  });

  it('that cannot be written beside items that stayed leaves the exit code to these, and says so', async () => {
    const stayed = new MltrackError(8, '2 items stayed', { hints: ['run it again'] });
    const full = () => Promise.reject(new Error('the disk is full'));
    await expect(writeAfter(stayed, full)).rejects.toMatchObject({
      exitCode: 8,
      hints: ['run it again', 'the disk is full'],
    });
    await expect(writeAfter(stayed, async () => undefined)).rejects.toBe(stayed);
    await expect(writeAfter(null, full)).rejects.toMatchObject({ exitCode: 1 });
  });
});

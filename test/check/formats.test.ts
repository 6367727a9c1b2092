import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import AjvModule from 'ajv-draft-04';
import addFormatsModule from 'ajv-formats';
import { Chalk } from 'chalk';
import { parse as readJunit } from 'junit2json';
import { lexer, type Token, type Tokens } from 'marked';
import { describe, expect, it } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import { type RuleId, ruleIds } from '../../src/core/check/rules.js';
import { type Format, formats, render } from '../../src/render/check/index.js';
import { renderMarkdown } from '../../src/render/check/markdown.js';
import { everything, failure, finding, nasty, nastyFinding, notChecked, printed, report } from './made.js';

const fileOf = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`../support/schemas/${name}`, import.meta.url)), 'utf8');
const all = () => printed(everything());
const control = /[^\P{Cc}\n\t]/u;

/** The nasty name with its control characters written out; a line break stays. */
const shown = nasty
  .replace('\u001b', '\\u001b')
  .replace('\u0000', '\\u0000')
  .replace('\r', '\\r')
  .replace('\u202e', '\\u202e');

describe.each(formats)('%s', (format: Format) => {
  it('holds no colours and no control characters of a name, and ends its last line', async () => {
    const text = await render(format, all());
    expect(text).not.toMatch(control);
    expect(text.endsWith('\n')).toBe(true);
  });

  it('holds no password that a driver quoted', async () => {
    const text = await render(format, printed([failure({ message: 'no route to mysql://u:hunter2@h/d' })]));
    expect(text).toContain('no route to mysql');
    expect(text).not.toContain('hunter2');
  });
});

describe('sarif', () => {
  const ajv = new AjvModule.default({ strict: false, allErrors: true, unicodeRegExp: false });
  addFormatsModule.default(ajv);
  const validate = ajv.compile(JSON.parse(fileOf('sarif-2.1.0-rtm.5.json')));
  const sarif = async (of = all()) => JSON.parse(await render('sarif', of));

  it('is valid against the schema of the standard, which refuses what is not', async () => {
    const log = await sarif();
    expect(validate(log), JSON.stringify(validate.errors)).toBe(true);
    expect(validate(await sarif(printed([])))).toBe(true);
    log.runs[0].results[0].level = 'fatal';
    expect(validate(log)).toBe(false);
  });

  it('has one run, each rule with help, each finding with its level, place and fingerprint', async () => {
    const { runs } = await sarif();
    expect(runs).toHaveLength(1);
    const [{ tool, results, invocations }] = runs;
    expect(tool.driver.rules.map(({ id }: { id: string }) => id)).toEqual(ruleIds);
    for (const { help } of tool.driver.rules) expect(help.text.length).toBeGreaterThan(20);
    expect(results.map(({ level }: { level: string }) => level)).toEqual([
      'error',
      'warning',
      'note',
      'warning',
      'warning',
    ]);
    for (const one of results) expect(tool.driver.rules[one.ruleIndex].id).toBe(one.ruleId);
    expect(results[1].locations[0].logicalLocations[0]).toMatchObject({
      name: 'index_metrics_run_uuid',
      kind: 'index',
    });
    expect(results[2].locations[0].logicalLocations[0].name).toBe(nasty);
    const prints = results.map((one: { partialFingerprints: object }) =>
      JSON.stringify(one.partialFingerprints),
    );
    expect(new Set(prints).size).toBe(5);
    expect(
      results.map(({ suppressions }: { suppressions?: unknown[] }) => suppressions?.length ?? 0),
    ).toEqual([0, 0, 0, 1, 1]);
    expect(results[3].suppressions[0].justification).toBe(`${nasty} (until 2027-01-31)`);
    expect(invocations.map((one: { executionSuccessful: boolean }) => one.executionSuccessful)).toEqual([
      true,
      true,
      false,
    ]);
    expect(invocations[0].toolExecutionNotifications.map(({ level }: { level: string }) => level)).toEqual([
      'error',
      'warning',
      'warning',
    ]);
  });

  it('names the line of the config file, and keeps a fingerprint as long as the finding stays', async () => {
    const of = (origin: { file: string; line: number } | null, message: string) =>
      sarif(printed([report({ name: 'prod', findings: [finding({ message })] })], { origins: [origin] }));
    const [before, after] = [await of(null, 'one'), await of({ file: 'ci/my checks.yml', line: 7 }, 'two')];
    const [a, b] = [before.runs[0].results[0], after.runs[0].results[0]];
    expect(a.locations[0].physicalLocation.artifactLocation.uri).toBe('mltrack/prod');
    expect(b.locations[0].physicalLocation).toEqual({
      artifactLocation: { uri: 'ci/my%20checks.yml' },
      region: { startLine: 7 },
    });
    expect(a.partialFingerprints).toEqual(b.partialFingerprints);
  });
});

describe('junit', () => {
  const validate = (contents: string) =>
    validateXML({
      xml: [{ fileName: 'report.xml', contents }],
      schema: [{ fileName: 'junit-10.xsd', contents: fileOf('junit-10.xsd') }],
    });

  it('is valid against the schema of Jenkins’ xUnit plugin, which refuses what is not', async () => {
    const xml = await render('junit', all());
    const { valid, errors } = await validate(xml);
    expect(errors).toEqual([]);
    expect(valid).toBe(true);
    expect((await validate(await render('junit', printed([])))).valid).toBe(true);
    expect((await validate(xml.replace('<testcase', '<testcase colour="red"'))).valid).toBe(false);
  });

  it('is read back: suites, counts, names, results', async () => {
    const read = await readJunit(await render('junit', all()));
    if (!read || !('testsuite' in read) || !read.testsuite) throw new Error('no suites');
    expect(read).toMatchObject({ name: 'mltrack db check', failures: 3, errors: 1 });
    const [drifted, clean, failed] = read.testsuite;
    expect(drifted).toMatchObject({ failures: 3, errors: 0, skipped: 3 });
    expect(clean).toMatchObject({
      failures: 0,
      errors: 0,
      skipped: 0,
      name: 'postgresql://mlflow@db.example/mlflow',
    });
    expect(failed).toMatchObject({ tests: 1, errors: 1, name: 'staging' });
    expect(drifted?.name).toBe(shown);
    const cases = drifted?.testcase ?? [];
    expect(cases).toHaveLength(drifted?.tests ?? -1);
    const named = (name: string) => cases.find((one) => one.name === name);
    expect(named('index-missing:metrics.index_metrics_run_uuid')?.failure?.[0]?.inner).toContain(
      'CREATE INDEX',
    );
    expect(named('foreign-key-missing:params')?.failure).toHaveLength(1);
    expect(named('MLflow 3.16.0 starts')?.failure).toHaveLength(1);
    const note = named(`table-extra:${shown}`);
    expect(note?.failure).toBeUndefined();
    expect(note?.['system-out']?.[0]).toContain(shown);
    expect(named('index-extra:runs.mine')?.skipped).toHaveLength(1);
    expect(named('not checked: the triggers of secrets')?.skipped).toHaveLength(1);
    // What found nothing has passed; what is hidden or was not looked at has not.
    expect(cases.some(({ name }) => name?.startsWith('column-missing:'))).toBe(true);
    for (const hidden of ['trigger-missing:', 'rows-damaged:'])
      expect(cases.some(({ name }) => name?.startsWith(hidden))).toBe(false);
  });

  it('fails by --fail-on and --require-complete', async () => {
    const of = report({ findings: [nastyFinding(), finding()], notChecked: [notChecked] });
    const failures = async (more: Parameters<typeof printed>[1]) =>
      (await readJunit(await render('junit', printed([of], more))))?.failures;
    expect(await failures({ failOn: 'error' })).toBe(0);
    expect(await failures({ failOn: 'warning' })).toBe(1);
    expect(await failures({ failOn: 'note' })).toBe(2);
    expect(await failures({ failOn: 'note', requireComplete: true })).toBe(3);
  });
});

/** Reads a line as GitHub's runner does (actions/runner, src/Runner.Common/ActionCommand.cs). */
function runnerReads(line: string) {
  const [, name, list = '', rest = ''] = /^\s*::([^ :]+)(?: (.*?))?::(.*)$/s.exec(line) ?? [];
  if (name === undefined) return null;
  const undo = (text: string, more: readonly [string, string][] = []): string =>
    [['%0D', '\r'] as const, ['%0A', '\n'] as const, ...more, ['%25', '%'] as const].reduce(
      (one, [from, to]) => one.replaceAll(from, to),
      text,
    );
  const properties = Object.fromEntries(
    list.split(',').map((pair) => {
      const at = pair.indexOf('=');
      return [
        pair.slice(0, at),
        undo(pair.slice(at + 1), [
          ['%3A', ':'],
          ['%2C', ','],
        ]),
      ];
    }),
  );
  return { name, properties, message: undo(rest) };
}

describe('github', () => {
  it('is one annotation a line, which the runner reads back whole', async () => {
    const text = await render('github', all());
    const lines = text.trimEnd().split('\n');
    const read = lines.map(runnerReads);
    expect(read.map((one) => one?.name)).toEqual([
      ...['error', 'error', 'warning', 'notice', 'warning', 'warning', 'error'],
      undefined,
    ]);
    expect(lines.at(-1)).toBe(
      'mltrack db check: 1 error, 1 warning, 1 note; 2 ignored; 1 part not checked; 1 database not checked at all',
    );
    expect(read[3]?.properties.title).toBe(`${shown}: table-extra`);
    expect(read[3]?.message).toContain(`table ${shown}: 1 column\n`);
    expect(read[6]?.message).toBe(
      'mysql://mlflow@db.example/mlflow: nobody answers\ncheck the host and the port',
    );
  });

  it('stands at the line of the config file', async () => {
    const text = await render(
      'github',
      printed([report({ findings: [finding()] })], { origins: [{ file: 'ci/a,b:c.yml', line: 7 }] }),
    );
    expect(runnerReads(text.split('\n')[0] as string)?.properties).toMatchObject({
      file: 'ci/a,b:c.yml',
      line: '7',
    });
  });
});

describe('markdown', () => {
  /** Every token of a text, as another reader sees it. */
  const tokens = (text: string): Token[] => {
    const found: Token[] = [];
    const walk = (list: readonly Token[] | undefined): void => {
      for (const token of list ?? []) {
        found.push(token);
        if (token.type === 'list') walk((token as Tokens.List).items);
        else if (token.type === 'table')
          for (const row of [(token as Tokens.Table).header, ...(token as Tokens.Table).rows])
            for (const cell of row) walk(cell.tokens);
        else walk((token as Tokens.Generic).tokens);
      }
    };
    walk(lexer(text));
    return found;
  };

  it('is read back: a row a database, an item a finding, SQL as code; a name is text and nothing else', async () => {
    const found = tokens(await render('markdown', all()));
    const of = (type: string) => found.filter((token) => token.type === type);
    const [table] = of('table') as Tokens.Table[];
    expect(table?.rows).toHaveLength(3);
    expect(table?.rows.every((row) => row.length === 4)).toBe(true);
    expect(of('heading')).toHaveLength(3);
    for (const type of ['link', 'image', 'em', 'del', 'blockquote']) expect(of(type), type).toEqual([]);
    expect(
      of('html')
        .map(({ raw }) => raw)
        .filter((raw) => raw !== '<!-- -->'),
    ).toEqual([]);
    const [, sql] = of('code') as Tokens.Code[];
    expect(sql?.lang).toBe('sql');
    expect(sql?.text).toContain('DROP TABLE "a"b\'c<d>&e]]>');
    expect((of('codespan') as Tokens.Codespan[]).some(({ raw }) => raw.includes('k``l\\nm'))).toBe(true);
  });

  it('stays under the limit, and counts what did not fit', () => {
    const findings = Array.from({ length: 2000 }, (_, i) =>
      finding({ id: `index-missing:t.i${i}`, name: `i${i}` }),
    );
    const text = renderMarkdown(printed([report({ findings })]));
    expect(text.length).toBeLessThanOrEqual(65_536);
    const shown = text.match(/^- \*\*warning\*\*/gm)?.length ?? 0;
    expect(shown).toBeGreaterThan(100);
    expect(text).toContain(`${(2000 - shown).toLocaleString('en')} entries did not fit`);
    expect(text).toContain('2,000 warnings');
  });
});

describe('json', () => {
  it('is an event a database and a summary', async () => {
    const events = (await render('json', all()))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.slice(0, 3)).toEqual(everything());
    expect(events[3]).toEqual({
      ...{ event: 'checked', version: 1, databases: 3, failed: 1, errors: 1, warnings: 1, notes: 1 },
      ...{ ignored: 2, notChecked: 1, exitCode: 9 },
    });
  });
});

describe('text', () => {
  it('puts errors first, and says what, why and the SQL of each', async () => {
    const text = await render(
      'text',
      printed([
        report({
          findings: [
            nastyFinding(),
            finding(),
            finding({
              severity: 'error',
              rule: 'table-missing' as RuleId,
              id: 'table-missing:x',
              table: 'x',
            }),
          ],
        }),
      ]),
    );
    expect(text.indexOf('table-missing:x')).toBeLessThan(text.indexOf('index-missing:'));
    expect(text.indexOf('index-missing:')).toBeLessThan(text.indexOf('table-extra:'));
    expect(text).toContain(`  warning  index-missing:metrics.index_metrics_run_uuid
    index metrics.index_metrics_run_uuid: expected (run_uuid), found nothing
    why: queries of MLflow that use it read the whole table
    repair: mltrack db repair, which runs:
      CREATE INDEX index_metrics_run_uuid ON metrics (run_uuid);
`);
    expect(text).toMatch(/\n {2}1 error, 1 warning, 1 note\n$/);
  });

  it('says "clean" only where everything was looked at', async () => {
    const of = (more: Parameters<typeof report>[0]) => render('text', printed([report(more)]));
    expect(await of({})).toMatch(/\n {2}clean \(the rows were not read: --rows\)\n$/);
    expect(await of({ rows: true })).toMatch(/\n {2}clean, rows too\n$/);
    const hidden = await of({ notChecked: [notChecked] });
    expect(hidden).not.toContain('clean');
    expect(hidden).toContain('not checked: the triggers of secrets');
    expect(hidden).toContain('GRANT TRIGGER ON mlflow.* TO mlflow');
    for (const more of [
      { findings: [finding()] },
      { ignored: [{ finding: finding(), reason: 'x', expires: null }] },
    ])
      expect(await of(more)).not.toContain('clean');
  });

  it('is coloured where it is asked to be', async () => {
    const text = await render('text', all(), new Chalk({ level: 1 }));
    expect(text).toContain('\u001b[31merror');
    // Of the name nothing moves the terminal.
    expect(text).toContain('\\u001b[31mo\\u0000p');
  });
});

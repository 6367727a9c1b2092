import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkCommand } from '../../src/commands/db-check.js';
import { readConfig } from '../../src/core/check/config.js';
import { readIgnores } from '../../src/core/check/ignore-file.js';
import { ruleIds, rules } from '../../src/core/check/rules.js';
import { targetsOf } from '../../src/core/check/targets.js';
import { Stop } from '../../src/core/stop.js';
import { ExitCode, MltrackError } from '../../src/errors.js';
import { expectRefusal, mltrack, otherPassword } from '../support/cli.js';
import { type Database, databaseAt } from '../support/databases.js';
import { ordinalOf, stateCount } from '../support/fixtures.js';

const folder = mkdtempSync(join(tmpdir(), 'mltrack-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What stands in a file for a variable of the environment. */
const variable = (name: string): string => `$\{${name}}`;

const fileWith = (text: string, name = 'checks.yml'): string => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};
const read = (text: string, env: Record<string, string> = {}) => readConfig(fileWith(text), env);

/** What reading says: an exit 2 with the file and the line. */
async function refusal(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof MltrackError)) throw new Error(`not refused: ${error}`);
  expect(error.exitCode).toBe(ExitCode.usage);
  expect(error.hints).not.toEqual([]);
  expect(`${error.message}${error.hints}`).not.toContain(otherPassword);
  return error.message.replaceAll(`${folder}/`, '');
}

describe('a config file', () => {
  it('names databases, with defaults for all of them', async () => {
    const { databases, failOn, requireComplete } = await read(
      `
for: 3.10          # a version, and not the number 3.1
requireHead: true
ignore: ignores.yml
failOn: error
databases:
  - name: prod
    uri: postgresql://mlflow@\${HOST}/mlflow
    passwordFile: secrets/prod
    rows: true
  - uri: sqlite:///a.db
    for: "2.9"
    requireHead: false
    ignore: ../other.yml
`,
      { HOST: 'db.example' },
    );
    expect({ failOn, requireComplete }).toEqual({ failOn: 'error', requireComplete: false });
    const seen = databases.map((one) => ({ ...one, ignore: one.ignore && join(process.cwd(), one.ignore) }));
    expect(seen).toMatchObject([
      {
        name: 'prod',
        uri: 'postgresql://mlflow@db.example/mlflow',
        for: '3.10',
        requireHead: true,
        rows: true,
        line: 8,
      },
      {
        name: null,
        uri: 'sqlite:///a.db',
        for: '2.9',
        requireHead: false,
        rows: false,
        passwordFile: null,
        line: 11,
      },
    ]);
    expect(join(process.cwd(), databases[0]?.passwordFile ?? '')).toBe(join(folder, 'secrets/prod'));
    expect(seen.map(({ ignore }) => ignore)).toEqual([
      join(folder, 'ignores.yml'),
      join(folder, '../other.yml'),
    ]);
  });

  it('may be JSON', async () => {
    const { databases } = await read('{"databases": [{"uri": "sqlite:///a.db", "rows": true}]}');
    expect(databases).toMatchObject([{ uri: 'sqlite:///a.db', rows: true, line: 1 }]);
  });

  it.each([
    ['databases:\n  - url: x', /^checks\.yml:2: databases\[0\]\.ur[il]: /],
    [
      'databases:\n  - uri: sqlite:///a.db\n    password: hunter2',
      'checks.yml:3: databases[0].password: unknown key',
    ],
    ['databases:\n  - uri: sqlite:///a.db\nfailon: error', 'checks.yml:3: failon: unknown key'],
    ['databases:\n  - name: x\n    rows: true', 'checks.yml:2: databases[0].uri: is missing'],
    ['rows: true', 'checks.yml:1: databases: is missing'],
    [
      'databases:\n  - uri: sqlite:///a.db\n    rows: hunter2',
      'checks.yml:3: databases[0].rows: expected true or false',
    ],
    [
      'databases:\n  - uri: sqlite:///a.db\n    rows: [true]',
      'checks.yml:3: databases[0].rows: expected true or false',
    ],
    ['databases:\n  - uri: [hunter2]', 'checks.yml:2: databases[0].uri: expected a text'],
    ['databases:\n  - uri:', 'checks.yml:2: databases[0].uri: is empty'],
    ['databases: sqlite:///a.db', 'checks.yml:1: databases: expected a list'],
    ['databases:\n  - sqlite:///a.db', 'checks.yml:2: databases[0]: expected keys with values'],
    ['databases: []', 'checks.yml:1: databases: no database is listed'],
    [
      'databases:\n  - uri: sqlite:///a.db\nfailOn: all',
      'checks.yml:3: failOn: expected error or warning or note',
    ],
    ['', 'checks.yml:1: expected keys with values'],
    ['databases:\n  - uri: "hunter2\n   x: ]', /^checks\.yml:\d: this is not YAML: [\w ]+$/],
    ['a: 1\na: hunter2', 'checks.yml:2: this is not YAML: Map keys must be unique'],
    ['databases: *hunter2', /^checks\.yml: an alias/],
    [
      `databases:\n  - uri: mysql://u:${variable('NONE')}@h/d`,
      'checks.yml:2: databases[0].uri: the variable NONE is not set, or empty',
    ],
    [
      `databases:\n  - uri: ${variable('EMPTY')}`,
      'checks.yml:2: databases[0].uri: the variable EMPTY is not set, or empty',
    ],
  ])('%j: exit 2, with the line', async (text, says) => {
    const message = await refusal(read(text, { EMPTY: '' }));
    if (says instanceof RegExp) expect(message).toMatch(says);
    else expect(message).toBe(says);
  });

  it('that is not there: exit 2', async () => {
    expect(await refusal(readConfig(join(folder, 'none.yml'), {}))).toBe(
      'the file cannot be read: none.yml (ENOENT)',
    );
  });
});

describe('what is to be checked', () => {
  const targets = (text: string, options = {}, env: Record<string, string> = {}) =>
    targetsOf([], { config: fileWith(text), ...options }, env, new Stop());

  it.each([
    [
      'databases:\n  - uri: mysql://u:hunter2@x@h/d',
      'checks.yml:2: databases[0].uri: the URI has more than one "@"',
    ],
    [
      'databases:\n  - uri: sqlite:///a.db\n    for: 9.9',
      /^checks\.yml:2: databases\[0\]\.uri: MLflow 9\.9 is not/,
    ],
    [
      'databases:\n  - uri: sqlite:///a.db\n    passwordFile: none',
      /^checks\.yml:2: .*password file cannot be read/,
    ],
    [
      'databases:\n  - uri: sqlite:///a.db\n    ignore: none.yml',
      /^the file cannot be read: .*none\.yml \(ENOENT\)/,
    ],
  ])('%j: exit 2, before anything is connected to', async (text, says) => {
    const message = await refusal(targets(text));
    if (says instanceof RegExp) expect(message).toMatch(says);
    else expect(message).toBe(says);
  });

  it('takes the password from the file beside the config, and lets the command line go first', async () => {
    writeFileSync(join(folder, 'secret'), 'p@ss\nsecond line\n');
    const text = 'rows: true\ndatabases:\n  - uri: mysql://u@h/d\n    passwordFile: secret\n    for: 3.16\n';
    const own = await targets(text);
    expect(own).toMatchObject({ failOn: 'warning', requireComplete: false });
    expect(own.targets[0]).toMatchObject({
      database: 'mysql://u@h/d',
      uri: { password: 'p@ss' },
      rows: true,
      requireHead: false,
    });
    expect(own.targets[0]?.server?.version).toMatch(/^3\.16\./);
    const said = await targets(text, { for: '2.9', requireHead: true, failOn: 'note' });
    expect(said).toMatchObject({ failOn: 'note' });
    expect(said.targets[0]?.server?.version).toMatch(/^2\.9\./);
    expect(said.targets[0]).toMatchObject({ requireHead: true });
  });

  it('a variable may be a whole URI; its password goes nowhere', async () => {
    const { targets: of } = await targets(
      `databases:\n  - uri: ${variable('URI')}`,
      {},
      { URI: 'mysql://u:hunter2@h/d' },
    );
    expect(of[0]).toMatchObject({ database: 'mysql://u@h/d', uri: { password: 'hunter2' } });
  });

  it('is named in one place', async () => {
    const file = fileWith('databases:\n  - uri: sqlite:///a.db');
    expect(await refusal(targetsOf(['sqlite:///b.db'], { config: file }, {}, new Stop()))).toMatch(
      /and --config names others/,
    );
    const two = 'databases:\n  - uri: sqlite:///a.db\n  - uri: sqlite:///b.db';
    expect(await refusal(targets(two, { passwordFile: file }))).toMatch(
      /several databases, and one password/,
    );
  });
});

describe('docs/check.md', () => {
  const text = readFileSync(new URL('../../docs/check.md', import.meta.url), 'utf8');
  const [config = '', ignores = ''] = [...text.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, block]) => block);

  it('shows files that can be read', async () => {
    const { databases } = await read(config, { STAGING_URI: 'sqlite:///s.db' });
    expect(databases.map(({ name }) => name)).toEqual(['prod', 'staging']);
    expect(await readIgnores(fileWith(ignores, 'ignores.yml'))).toHaveLength(3);
  });

  it('names every option and every rule', () => {
    const options = checkCommand(new Stop()).options.map(({ long }) => long);
    for (const option of options) expect(text).toMatch(new RegExp(`\`${option}\\b`));
    for (const id of ruleIds) expect(text).toContain(`| \`${id}\` | ${rules[id].title} |`);
  });
});

describe('mltrack db check --config', () => {
  let clean: Database;
  let old: Database;
  beforeAll(async () => {
    [clean, old] = await Promise.all([
      databaseAt('sqlite', stateCount - 1),
      databaseAt('sqlite', ordinalOf('acf3f17fdcc7')),
    ]);
  });
  afterAll(() => Promise.all([clean, old].map((database) => database.drop())));

  it('checks them one after the other; the worst code counts', async () => {
    const config = fileWith(`
databases:
  - name: new
    uri: ${clean.uri}
  - name: old
    uri: \${OLD}
    for: 3.18
  - name: gone
    uri: postgresql://mlflow:\${PASSWORD}@127.0.0.1:1/none
`);
    const env = { OLD: old.uri, PASSWORD: otherPassword };
    const run = await mltrack(['db', 'check', '--config', config, '--json'], { env });
    expect(run.code).toBe(ExitCode.unreachable);
    expect(run.events.slice(0, 4)).toMatchObject([
      { event: 'check', name: 'new', database: clean.uri, exitCode: 0 },
      { event: 'check', name: 'old', exitCode: ExitCode.behind },
      {
        event: 'check-failed',
        name: 'gone',
        database: 'postgresql://mlflow@127.0.0.1:1/none',
        exitCode: ExitCode.unreachable,
      },
      { event: 'checked', databases: 3, failed: 1, exitCode: ExitCode.unreachable },
    ]);
    const github = await mltrack(['db', 'check', '--config', config, '--format', 'github'], {
      env,
      cwd: folder,
    });
    expect(github.stdout).toContain('::error file=checks.yml,line=9,title=gone%3A could not be checked::');
  });

  it('connects to nothing where the file is wrong', async () => {
    const config = fileWith(`databases:\n  - uri: ${clean.uri}\n  - uri: sqlite:///none.db\n    rows: yes\n`);
    const run = await mltrack(['db', 'check', '--config', config]);
    expectRefusal(run, ExitCode.usage, /checks\.yml:4: databases\[1\]\.rows: expected true or false/);
    expect(run.stdout).toBe('');
  });
});

import { execFile } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse as readJunit } from 'junit2json';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type Database, databaseAt } from '../support/databases.js';
import { stateCount } from '../support/fixtures.js';
import { fileOf } from '../support/snapshot.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const page = (name: string) => readFileSync(join(root, 'docs', name), 'utf8');
const ci = page('ci.md');

interface Step {
  readonly name?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly shell?: string;
  readonly with?: Record<string, string>;
  readonly env?: Record<string, string>;
}
interface Workflow {
  readonly jobs: Record<string, { readonly steps: readonly Step[] }>;
}
interface Action {
  readonly inputs: Record<string, { readonly default?: string; readonly description: string }>;
  readonly runs: { readonly using: string; readonly steps: readonly Step[] };
}
interface GitlabJob {
  readonly script: readonly string[];
}

interface Hook {
  readonly entry: string;
}
interface Hooked {
  readonly repos: readonly [{ readonly hooks: readonly [Hook] }];
}

const action = parse(readFileSync(join(root, 'action.yml'), 'utf8')) as Action;
const blocks = (markdown: string): object[] =>
  [...markdown.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, text]) => parse(text as string) as object);
const yamlBlocks = blocks(ci);
const isWorkflow = (block: object): block is Workflow => 'jobs' in block;
const workflows = yamlBlocks.filter(isWorkflow);
const stepsOf = (workflow: Workflow | undefined): readonly Step[] =>
  Object.values(workflow?.jobs ?? {})[0]?.steps ?? [];
const gitlab = yamlBlocks
  .filter((block) => !('jobs' in block || 'repos' in block))
  .flatMap((block) => Object.values(block)) as GitlabJob[];
const shellLines = [...ci.matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, text]) =>
  (text as string).trim().split('\n'),
);

/** A checkout in which commands run: mltrack is there, and what would go over the network writes down that it was called. */
class Checkout {
  readonly folder = mkdtempSync(join(tmpdir(), 'mltrack-workflow-'));
  readonly calls = join(this.folder, 'calls');
  readonly summary = join(this.folder, 'summary.md');
  readonly outputs = join(this.folder, 'outputs');

  constructor(private readonly uri: string) {
    symlinkSync(root, join(this.folder, '.mltrack'));
    mkdirSync(join(this.folder, 'bin'));
    for (const name of ['npm', 'gh', 'git']) {
      const file = join(this.folder, 'bin', name);
      writeFileSync(file, `#!/bin/sh\necho "${name} $*" >> '${this.calls}'\n`);
      chmodSync(file, 0o755);
    }
    for (const file of [this.calls, this.summary, this.outputs]) writeFileSync(file, '');
  }

  read = (name: string): string => readFileSync(join(this.folder, name), 'utf8');

  /** GitHub runs `bash -e` in the checkout. */
  shell(script: string, env: Record<string, string> = {}): Promise<{ code: number; output: string }> {
    const path = `${join(this.folder, 'bin')}:${dirname(process.execPath)}:${process.env.PATH}`;
    const base = {
      PATH: path,
      HOME: '/nonexistent',
      GITHUB_STEP_SUMMARY: this.summary,
      GITHUB_OUTPUT: this.outputs,
    };
    const more = { GITHUB_ACTION_PATH: join(this.folder, '.mltrack'), GITHUB_REPOSITORY: 'your-org/models' };
    return new Promise((done) =>
      execFile(
        'bash',
        ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script],
        { cwd: this.folder, env: { ...base, ...more, ...env } },
        (error, stdout, stderr) => done({ code: error ? Number(error.code) : 0, output: stdout + stderr }),
      ),
    );
  }

  /** What an expression stands for. */
  private value(text: string, inputs: Record<string, string>): string {
    return text.replace(/\$\{\{ *(.*?) *\}\}/g, (_, expression: string) => {
      const input = /^inputs\.([\w-]+)$/.exec(expression)?.[1];
      if (input !== undefined) return inputs[input] ?? missing(`input ${input}`);
      return this.known[expression] ?? missing(expression);
    });
  }

  private get known(): Record<string, string> {
    return {
      'secrets.MLFLOW_BACKEND_STORE_URI': this.uri,
      'github.event.number': '7',
      'github.token': 'token',
    };
  }

  /** Runs steps as the runner does: after one that fails only those that say so. */
  async run(
    steps: readonly Step[],
    inputs: Record<string, string> = {},
  ): Promise<{ code: number; output: string }> {
    let [code, output] = [0, ''];
    for (const step of steps) {
      if (code !== 0 && !/!cancelled\(\)/.test(step.if ?? '')) continue;
      const result = await this.step(step, inputs);
      output += result.output;
      code ||= result.code;
    }
    return { code, output };
  }

  private step(step: Step, inputs: Record<string, string>) {
    const valuesOf = (pairs: Record<string, string> = {}) =>
      Object.fromEntries(Object.entries(pairs).map(([key, text]) => [key, this.value(String(text), inputs)]));
    if (step.run !== undefined) return this.shell(step.run, valuesOf(step.env));
    if (step.uses === './.mltrack') return this.run(action.runs.steps, inputsOf(valuesOf(step.with)));
    // Actions of others are theirs to test.
    expect(step.uses).toMatch(
      /^(actions\/(checkout|setup-node|upload-artifact)|github\/codeql-action\/upload-sarif)@v\d+$/,
    );
    return Promise.resolve({ code: 0, output: '' });
  }

  remove = (): void => rmSync(this.folder, { recursive: true, force: true });
}

function missing(what: string): never {
  throw new Error(`${what} is not known`);
}

/** The inputs of a step, filled up; an input that the action does not have is a mistake. */
function inputsOf(given: Record<string, string>): Record<string, string> {
  for (const name of Object.keys(given)) if (!(name in action.inputs)) missing(`the input ${name}`);
  return {
    ...Object.fromEntries(Object.entries(action.inputs).map(([name, one]) => [name, one.default ?? ''])),
    ...given,
  };
}

/** For the tests of one block: a database at a state, after more statements, and a checkout that has its URI as secret. */
function setUp(state: number, ...statements: string[]): { database: Database; checkout: Checkout } {
  const here = {} as { database: Database; checkout: Checkout };
  beforeAll(async () => {
    here.database = await databaseAt('sqlite', state);
    await here.database.run(...statements);
    here.checkout = new Checkout(here.database.uri);
  });
  afterAll(async () => {
    here.checkout.remove();
    await here.database.drop();
  });
  return here;
}

describe.each(['clean', 'drifted'])('on a %s database', (state) => {
  const isClean = state === 'clean';
  const drift = isClean ? [] : ['DROP INDEX index_metrics_run_uuid_key_step'];
  const here = setUp(stateCount - 1, ...drift);

  it('the workflow of docs/ci.md annotates, sums up and writes SARIF', async () => {
    const { code, output } = await here.checkout.run(stepsOf(workflows[0]));
    expect(code, output).toBe(isClean ? 0 : 3);
    expect(/^::warning .*index-missing::/m.test(output)).toBe(!isClean);
    expect(here.checkout.read('summary.md')).toContain(
      `## mltrack db check: ${isClean ? 'passed' : 'failed'}`,
    );
    expect(here.checkout.read('outputs')).toBe(`exit-code=${isClean ? 0 : 3}\n`);
    const sarif = JSON.parse(here.checkout.read('mltrack.sarif'));
    expect(sarif.runs[0].results.map(({ ruleId }: { ruleId: string }) => ruleId)).toEqual(
      isClean ? [] : ['index-missing'],
    );
    expect(here.checkout.read('calls')).toBe(
      `npm ci --no-audit --no-fund --prefix ${here.checkout.folder}/.mltrack\n`,
    );
  });

  it('the workflow for a pull request comments, whatever was found', async () => {
    const { code, output } = await here.checkout.run(stepsOf(workflows[1]));
    expect(code, output).toBe(isClean ? 0 : 3);
    expect(here.checkout.read('mltrack.md')).toContain(
      `## mltrack db check: ${isClean ? 'passed' : 'failed'}`,
    );
    expect(here.checkout.read('calls')).toContain(
      'gh pr comment 7 --repo your-org/models --body-file mltrack.md\n',
    );
  });

  it('the workflow of docs/report.md keeps the page, whatever was found', async () => {
    const [workflow] = blocks(page('report.md')).filter(isWorkflow);
    const { code, output } = await here.checkout.run(stepsOf(workflow));
    expect(code, output).toBe(isClean ? 0 : 3);
    const kept = stepsOf(workflow).at(-1)?.with?.path ?? '';
    expect(here.checkout.read(kept).includes('index_metrics_run_uuid_key_step')).toBe(!isClean);
  });

  it('the job for GitLab writes JUnit', async () => {
    expect(gitlab).toHaveLength(3);
    const { code, output } = await here.checkout.shell(gitlab[0]?.script.join('\n') ?? '', {
      MLFLOW_BACKEND_STORE_URI: here.database.uri,
    });
    expect(code, output).toBe(isClean ? 0 : 3);
    expect((await readJunit(here.checkout.read('mltrack.xml')))?.failures).toBe(isClean ? 0 : 1);
  });

  it('the line for an init container lets a server start that only would be slow', async () => {
    expect(shellLines).toHaveLength(1);
    const { code, output } = await here.checkout.shell(shellLines[0] ?? '', {
      MLFLOW_BACKEND_STORE_URI: here.database.uri,
    });
    expect(code, output).toBe(0);
    expect(output).toBe('');
  });
});

describe('the database is behind', () => {
  const here = setUp(stateCount - 2);
  const stamp = () => here.database.rows('SELECT version_num FROM alembic_version');
  const environment = () => ({ MLFLOW_BACKEND_STORE_URI: here.database.uri });

  it('the action refuses a command that it does not have, and inputs that are for a check alone', async () => {
    const run = (given: Record<string, string>) =>
      here.checkout.run(action.runs.steps, inputsOf({ uri: here.database.uri, ...given }));
    for (const given of [
      { command: 'db repair' },
      { command: 'db plan; true' },
      { command: 'db plan', format: 'json' },
      { command: 'gc', rows: 'true' },
      { command: 'db plan', options: '--to 3.18' },
    ])
      expect(await run(given), JSON.stringify(given)).toMatchObject({ code: 2 });
    const plan = await run({ command: 'db plan', options: '--to=3.18\n\n--json', output: 'plan.json' });
    expect(plan.code, plan.output).toBe(0);
    expect(JSON.parse(here.checkout.read('plan.json'))).toMatchObject({ event: 'plan' });
  });

  it('the workflow for an upgrade plans, then upgrades', async () => {
    const { plan, upgrade } = workflows[2]?.jobs ?? {};
    const before = await stamp();
    const planned = await here.checkout.run(plan?.steps ?? []);
    expect(planned.code, planned.output).toBe(0);
    expect(here.checkout.read('summary.md')).toContain('## mltrack db plan: exit 0\n\n````\n');
    expect(await stamp()).toEqual(before);
    const upgraded = await here.checkout.run(upgrade?.steps ?? []);
    expect(upgraded.code, upgraded.output).toBe(0);
    expect(here.checkout.read('summary.md')).toContain('## mltrack db upgrade: exit 0\n\n````\n');
    expect(await stamp()).not.toEqual(before);
  });

  it('the jobs for GitLab and the hook for pre-commit end with 0', async () => {
    const [{ repos }] = yamlBlocks.filter((block): block is Hooked => 'repos' in block) as [Hooked];
    const [{ entry }] = repos[0].hooks;
    symlinkSync(fileOf(here.database), join(here.checkout.folder, 'mlflow.db'));
    const line = entry.replace('mltrack', 'node .mltrack/bin/mltrack.js').replace('fixtures/', '');
    for (const script of [...gitlab.slice(1).map((job) => job.script.join('\n')), line]) {
      const { code, output } = await here.checkout.shell(script, environment());
      expect(code, `${script}\n${output}`).toBe(0);
    }
  });
});

describe('the action', () => {
  const here = setUp(stateCount - 2);

  it('hands every input to the command, and puts none of them into the script', async () => {
    const { steps } = action.runs;
    const script = steps.map(({ run }) => run ?? '').join('\n');
    expect(script).not.toContain('{{');
    const env = steps.flatMap((step) => Object.values(step.env ?? {}));
    expect(env.map((text) => /^\$\{\{ inputs\.([\w-]+) \}\}$/.exec(text)?.[1]).sort()).toEqual(
      Object.keys(action.inputs).sort(),
    );
    writeFileSync(
      join(here.checkout.folder, 'my checks.yml'),
      `databases:\n  - name: old\n    uri: ${here.database.uri}\n`,
    );
    writeFileSync(
      join(here.checkout.folder, 'ignores.yml'),
      '- {rule: revision-behind, reason: next week}\n',
    );
    const given = {
      config: 'my checks.yml',
      format: 'json',
      output: 'report.json',
      for: '3.18',
      rows: 'true',
      'require-head': 'true',
    };
    const run = (more: Record<string, string>) => here.checkout.run(steps, inputsOf({ ...given, ...more }));
    expect((await run({})).code).toBe(3);
    const [one] = here.checkout
      .read('report.json')
      .split('\n')
      .map((line) => line && JSON.parse(line));
    expect(one).toMatchObject({ name: 'old', rows: true, mlflow: { relation: 'behind' } });
    // What is ignored is no drift; the MLflow of `for` still does not start.
    expect((await run({ ignore: 'ignores.yml' })).code).toBe(4);
    expect(existsSync(join(here.checkout.folder, 'report.json'))).toBe(true);
    expect((await run({ 'fail-on': 'never' })).code).toBe(2);
  });
});

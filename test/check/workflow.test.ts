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

const root = fileURLToPath(new URL('../..', import.meta.url));
const ci = readFileSync(join(root, 'docs/ci.md'), 'utf8');

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

const action = parse(readFileSync(join(root, 'action.yml'), 'utf8')) as Action;
const yamlBlocks = [...ci.matchAll(/^```yaml\n(.*?)^```/gms)].map(
  ([, text]) => parse(text as string) as object,
);
const workflows = yamlBlocks.filter((block): block is Workflow => 'jobs' in block);
const gitlab = yamlBlocks.flatMap((block) => ('jobs' in block ? [] : Object.values(block))) as GitlabJob[];
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
    expect(step.uses).toMatch(/^(actions\/(checkout|setup-node)|github\/codeql-action\/upload-sarif)@v\d+$/);
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

describe.each(['clean', 'drifted'])('on a %s database', (state) => {
  let database: Database;
  let checkout: Checkout;
  const isClean = state === 'clean';
  beforeAll(async () => {
    database = await databaseAt('sqlite', stateCount - 1);
    if (!isClean) await database.run('DROP INDEX index_metrics_run_uuid_key_step');
    checkout = new Checkout(database.uri);
  });
  afterAll(async () => {
    checkout.remove();
    await database.drop();
  });

  it('the workflow of docs/ci.md annotates, sums up and writes SARIF', async () => {
    const [steps] = Object.values(workflows[0]?.jobs ?? {}).map((job) => job.steps);
    const { code, output } = await checkout.run(steps ?? []);
    expect(code, output).toBe(isClean ? 0 : 3);
    expect(/^::warning .*index-missing::/m.test(output)).toBe(!isClean);
    expect(checkout.read('summary.md')).toContain(`## mltrack db check: ${isClean ? 'passed' : 'failed'}`);
    expect(checkout.read('outputs')).toBe(`exit-code=${isClean ? 0 : 3}\n`);
    const sarif = JSON.parse(checkout.read('mltrack.sarif'));
    expect(sarif.runs[0].results.map(({ ruleId }: { ruleId: string }) => ruleId)).toEqual(
      isClean ? [] : ['index-missing'],
    );
    expect(checkout.read('calls')).toBe(`npm ci --no-audit --no-fund --prefix ${checkout.folder}/.mltrack\n`);
  });

  it('the workflow for a pull request comments, whatever was found', async () => {
    const [steps] = Object.values(workflows[1]?.jobs ?? {}).map((job) => job.steps);
    const { code, output } = await checkout.run(steps ?? []);
    expect(code, output).toBe(isClean ? 0 : 3);
    expect(checkout.read('mltrack.md')).toContain(`## mltrack db check: ${isClean ? 'passed' : 'failed'}`);
    expect(checkout.read('calls')).toContain(
      'gh pr comment 7 --repo your-org/models --body-file mltrack.md\n',
    );
  });

  it('the job for GitLab writes JUnit', async () => {
    expect(gitlab).toHaveLength(1);
    const { code, output } = await checkout.shell(gitlab[0]?.script.join('\n') ?? '', {
      MLFLOW_BACKEND_STORE_URI: database.uri,
    });
    expect(code, output).toBe(isClean ? 0 : 3);
    expect((await readJunit(checkout.read('mltrack.xml')))?.failures).toBe(isClean ? 0 : 1);
  });

  it('the line for an init container lets a server start that only would be slow', async () => {
    expect(shellLines).toHaveLength(1);
    const { code, output } = await checkout.shell(shellLines[0] ?? '', {
      MLFLOW_BACKEND_STORE_URI: database.uri,
    });
    expect(code, output).toBe(0);
    expect(output).toBe('');
  });
});

describe('the action', () => {
  let database: Database;
  let checkout: Checkout;
  beforeAll(async () => {
    database = await databaseAt('sqlite', stateCount - 2);
    checkout = new Checkout(database.uri);
  });
  afterAll(async () => {
    checkout.remove();
    await database.drop();
  });

  it('hands every input to the command, and puts none of them into the script', async () => {
    const { steps } = action.runs;
    const script = steps.map(({ run }) => run ?? '').join('\n');
    expect(script).not.toContain('{{');
    const env = steps.flatMap((step) => Object.values(step.env ?? {}));
    expect(env.map((text) => /^\$\{\{ inputs\.([\w-]+) \}\}$/.exec(text)?.[1]).sort()).toEqual(
      Object.keys(action.inputs).sort(),
    );
    writeFileSync(
      join(checkout.folder, 'my checks.yml'),
      `databases:\n  - name: old\n    uri: ${database.uri}\n`,
    );
    writeFileSync(join(checkout.folder, 'ignores.yml'), '- {rule: revision-behind, reason: next week}\n');
    const given = {
      config: 'my checks.yml',
      format: 'json',
      output: 'report.json',
      for: '3.18',
      rows: 'true',
      'require-head': 'true',
    };
    const run = (more: Record<string, string>) => checkout.run(steps, inputsOf({ ...given, ...more }));
    expect((await run({})).code).toBe(3);
    const [one] = checkout
      .read('report.json')
      .split('\n')
      .map((line) => line && JSON.parse(line));
    expect(one).toMatchObject({ name: 'old', rows: true, mlflow: { relation: 'behind' } });
    // What is ignored is no drift; the MLflow of `for` still does not start.
    expect((await run({ ignore: 'ignores.yml' })).code).toBe(4);
    expect(existsSync(join(checkout.folder, 'report.json'))).toBe(true);
    expect((await run({ 'fail-on': 'never' })).code).toBe(2);
  });
});

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFile, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadEnvFile, parseEnv } from '../../src/core/env-file.js';
import { expectDone, expectRefusal, mltrack } from '../support/cli.js';

const folder = mkdtempSync(join(tmpdir(), 'mltrack-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

const { cases } = JSON.parse(readFileSync(new URL('env-file.json', import.meta.url), 'utf8')) as {
  cases: [text: string, variables: Record<string, string | null> | null][];
};

describe('an environment file', () => {
  it('is read as python-dotenv reads it; what that cannot read is refused', () => {
    const read = (text: string) => {
      try {
        return Object.fromEntries(parseEnv(text, { HOME: '/h', SET: 'env' }, 'x.env'));
      } catch (error) {
        expect(String(error)).toMatch(/line \d+ of the environment file x\.env cannot be read/);
        return null;
      }
    };
    expect(cases.length).toBeGreaterThan(200);
    for (const [text, variables] of cases) expect(read(text), JSON.stringify(text)).toEqual(variables);
  });

  it('says which line cannot be read, and not what stands in it', () => {
    expect(() => parseEnv("A=1\n\nB='hunter2\n", {}, 'x.env')).toThrow(
      /line 3 of the environment file x\.env/,
    );
    expect(() => parseEnv("B='hunter2\n", {}, 'x.env')).toThrow(expect.not.stringMatching(/hunter2/));
  });
});

describe('--env-file', () => {
  const missing = join(folder, 'from-file.db');
  const env = file('a.env', `export MLFLOW_BACKEND_STORE_URI="sqlite:///${missing}" # the old one\n`);
  const tells = /from-file\.db/;

  it.each([
    ['before the command', ['--env-file', env, 'db', 'status']],
    ['with an equals sign', [`--env-file=${env}`, 'db', 'status']],
    ['behind the command', ['db', 'status', '--json', '--env-file', env]],
  ])('%s names the database', async (_name, args) => {
    const run = await mltrack(args);
    expectDone(run);
    expect(run.stdout).toMatch(tells);
  });

  it('sets nothing that is set, be it to nothing', async () => {
    const set = { MLFLOW_BACKEND_STORE_URI: `sqlite:///${join(folder, 'set.db')}` };
    expect((await mltrack(['--env-file', env, 'db', 'status'], { env: set })).stdout).toMatch(/set\.db/);
    const run = await mltrack(['--env-file', env, 'db', 'status'], { env: { MLFLOW_BACKEND_STORE_URI: '' } });
    expectRefusal(run, 2, /no database URI|URI/);
    expect(`${run.stdout}${run.stderr}`).not.toMatch(tells);
  });

  it('is read before MLTRACK_YES, MLTRACK_CONFIRM and NO_COLOR', async () => {
    const yes = file(
      'yes.env',
      `MLFLOW_BACKEND_STORE_URI=sqlite:///${missing}\nMLTRACK_YES=perhaps\nNO_COLOR=1`,
    );
    const run = await mltrack(['--env-file', yes, 'db', 'upgrade'], { env: { FORCE_COLOR: '1' } });
    expectRefusal(run, 2, /MLTRACK_YES is "perhaps"/);
  });

  it('ends before the command where the file is not there: Node says so, with 9', async () => {
    const run = await mltrack(['--env-file', join(folder, 'no.env'), 'db', 'history']);
    expect([2, 9]).toContain(run.code);
    expect(run.stderr).toMatch(/no\.env/);
    expect(run.stdout).toBe('');
    expect(() => loadEnvFile(join(folder, 'no.env'), {})).toThrow(/no\.env \(ENOENT\)/);
  });

  it('refuses a pipe, which Node has emptied', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const run = mltrack(['--env-file', pipe, 'db', 'history']);
    writeFile(pipe, 'MLTRACK_YES=1\n', () => undefined);
    expectRefusal(await run, 2, /is a pipe/);
  });

  it.each([
    ['two files', ['--env-file', env, '--env-file', env, 'db', 'history'], /given twice/],
    ['no file', ['db', 'history', '--env-file'], /'--env-file <file>' argument missing/],
    ['a line that is none', ['--env-file', file('bad.env', 'A=1\nB C=2\n'), 'db', 'history'], /line 2 of/],
  ])('with %s ends with 2', async (_name, args, says) => {
    expectRefusal(await mltrack(args), 2, says);
  });
});

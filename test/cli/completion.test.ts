import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { expectDone, mltrack } from '../support/cli.js';
import { canScript } from '../support/pseudo-terminal.js';

const folder = mkdtempSync(join(tmpdir(), 'mltrack-'));
afterAll(() => rmSync(folder, { recursive: true }));
const bin = join(folder, 'bin');
const here = join(folder, 'here');
for (const path of [bin, join(here, 'mlruns')]) mkdirSync(path, { recursive: true });
symlinkSync(fileURLToPath(new URL('../../bin/mltrack.js', import.meta.url)), join(bin, 'mltrack'));
for (const name of ['mlflow.db', 'password.txt']) writeFileSync(join(here, name), '');

const env = { PATH: `${bin}:${process.env.PATH ?? ''}`, HOME: folder, TERM: 'xterm', TZ: 'UTC' };

describe('what mltrack complete says', () => {
  const complete = async (...words: string[]) => {
    const run = await mltrack(['complete', '--', ...words], { cwd: here });
    expectDone(run);
    expect(run.stderr).toBe('');
    const lines = run.stdout.trimEnd().split('\n');
    const values = lines.slice(0, -1).map((line) => line.split('\t')[0]);
    return { values, directive: Number(lines.at(-1)?.slice(1)) };
  };

  it.each<[string[], string[], number]>([
    [['d'], ['db'], 4],
    [['db', 'che'], ['check'], 4],
    [['help', 'db', 'dow'], ['downgrade'], 4],
    [['--env-file', 'x', 'db', 'dow'], ['downgrade'], 4],
    [['db', 'nonsense', ''], [], 4],
    [['completion', ''], ['bash', 'zsh', 'fish'], 4],
    [['db', 'upgrade', '--lock-'], ['--lock-wait', '--lock-timeout'], 4],
    // Given once; --confirm may be given again.
    [['db', 'upgrade', '--quiet', '--confirm', 'mlflow', '--qu'], [], 4],
    [['db', 'upgrade', '--confirm', 'mlflow', '--con'], ['--confirm'], 4],
    [['db', 'check', '--format', 's'], ['sarif'], 4],
    [['db', 'check', '--format=m'], ['markdown'], 4],
    [['db', 'upgrade', '--to', 'f4a9'], ['f4a9b2c7d1e6'], 36],
    [['db', 'upgrade', '--to=3.1.'], ['3.1.0', '3.1.1', '3.1.2', '3.1.3', '3.1.4'], 36],
    [['db', 'check', '--for', '0.'], [], 36],
    [['db', 'upgrade', '--confirm', 'on'], ['online'], 4],
    // Files are the shell's.
    [['db', 'upgrade', '--password-file', ''], [], 0],
    [['gc', '--plan', 'x'], [], 0],
    [['gc', './ml'], [], 0],
    [['db', 'upgrade', 'post'], ['postgresql://'], 6],
    [['db', 'upgrade', 'sqlite:///m'], ['sqlite:///mlflow.db', 'sqlite:///mlruns/'], 4],
    [['db', 'upgrade', 'sqlite:///x', ''], [], 4],
    [['db', 'upgrade', '--wait', ''], [], 4],
  ])('%j', async (words, values, directive) => {
    expect(await complete(...words)).toEqual({ values, directive });
  });

  it('offers releases before revisions, the newest first, and takes them all', async () => {
    const { values } = await complete('db', 'upgrade', '--to', '');
    expect(values.slice(0, 3)).toEqual(['head', '3.18', '3.17']);
    expect(values).not.toContain('f4a9b2c7d1e6');
    expect((await complete('db', 'downgrade', '--to', '')).values).toEqual(values);
  });
});

/** Types into an interactive shell: each line once the output since the last holds its cue. */
function typed(
  shell: readonly string[],
  steps: readonly (readonly [cue: string, keys: string])[],
): Promise<string> {
  const child = spawn('script', ['-qec', shell.map((word) => `'${word}'`).join(' '), '/dev/null'], {
    ...{ env, cwd: here },
  });
  let [output, seen, next] = ['', 0, 0];
  const look = () => {
    const step = steps[next];
    const fresh = output.slice(seen);
    if (!step || !`${fresh}${stripVTControlCharacters(fresh)}`.includes(step[0])) return;
    [seen, next] = [output.length, next + 1];
    child.stdin.write(step[1]);
  };
  child.stdout.on('data', (text: Buffer) => {
    output += text;
    look();
  });
  return new Promise((done, fail) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      fail(new Error(`no end after 30 s: ${JSON.stringify(output)}`));
    }, 30_000);
    child.once('close', () => {
      clearTimeout(timer);
      done(stripVTControlCharacters(output));
    });
  });
}

const has = (shell: string): boolean => {
  const found = spawnSync(shell, ['--version']).status === 0;
  if (!found) console.error(`!!! no ${shell} here: its completion is LEFT OUT`);
  return found;
};

/** What is typed, with a Tab at its end, and what the shell makes of it; each line is taken back. */
const lines = [
  ['mltrack db upg\t', 'mltrack db upgrade '],
  ['mltrack db check --format sa\t', '--format sarif '],
  ['mltrack db upgrade --to=f4a9b\t', 'upgrade --to=f4a9b2c7d1e6'],
  ['mltrack db status sqlite:///mlf\t', 'status sqlite:///mlflow.db'],
  ['mltrack db status --password-file pass\t', '--password-file password.txt'],
] as const;

/** Types the lines, each after what came of the one before, which Ctrl-U takes back; returns all that was shown. */
const session = (shell: readonly string[], start: string): Promise<string> =>
  typed(shell, [
    // Both shells switch bracketed paste on when they wait for a line.
    ['[?2004h', `${start}; echo rea''dy\n`],
    ...lines.map(([text], i): [string, string] => [lines[i - 1]?.[1] ?? 'ready', `\u0015${text}`]),
    [lines.at(-1)?.[1] ?? '', '\u0015exit\n'],
  ]);

describe.runIf(canScript)('in a real shell', () => {
  it.runIf(has('bash'))('bash, with nothing of its package bash-completion, and read twice', async () => {
    const start = 'source <(mltrack completion bash) && source <(mltrack completion bash)';
    const output = await session(['bash', '--norc', '--noprofile', '-i'], start);
    for (const [, made] of lines) expect(output).toContain(made);
  });

  it.runIf(has('zsh'))('zsh', async () => {
    const start = 'autoload -U compinit; compinit -u -D; source <(mltrack completion zsh)';
    const output = await session(['zsh', '-f', '-i'], start);
    for (const [, made] of lines) expect(output).toContain(made);
  });

  it.runIf(has('fish'))('fish', () => {
    for (const [text, made] of lines) {
      const script = `mltrack completion fish | source; complete -C '${text.trimEnd()}'`;
      const { stdout } = spawnSync('fish', ['--no-config', '-c', script], {
        env,
        cwd: here,
        encoding: 'utf8',
      });
      const [first = ''] = stdout.split(/[\t\n]/);
      expect(first, `${text}: ${stdout}`).not.toBe('');
      expect(made.trimEnd(), text).toMatch(new RegExp(`${first}$`));
    }
  });
});

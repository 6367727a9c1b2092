import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../../bin/mltrack.js', import.meta.url));

/** Whether util-linux `script` is here, which gives a command a terminal. */
export const canScript = process.platform === 'linux' && spawnSync('script', ['--version']).status === 0;
if (!canScript) {
  console.error('!!! no util-linux "script" here: the tests of the prompt are LEFT OUT');
  if (process.env.CI) throw new Error('CI needs util-linux "script"');
}

export interface Typed {
  readonly code: number | null;
  readonly output: string;
}

/**
 * Runs mltrack on a pseudo-terminal and, once the output holds `until`, types `keys`; null closes the input.
 *
 * @param more variables of the environment
 */
export function onTerminal(
  args: readonly string[],
  until: string,
  keys: string | null,
  more: Readonly<Record<string, string>> = {},
): Promise<Typed> {
  const quoted = [process.execPath, bin, ...args].map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['-qec', `stty cols 100 rows 40; exec ${quoted}`, '/dev/null'], {
    env: { PATH: process.env.PATH ?? '', TERM: 'xterm-256color', TZ: 'UTC', HOME: '/nonexistent', ...more },
  });
  let output = '';
  let typed = false;
  const listen = (text: Buffer) => {
    output += text;
    if (typed || !output.includes(until)) return;
    typed = true;
    if (keys === null) child.stdin.end();
    else child.stdin.write(keys);
  };
  child.stdout.on('data', listen);
  child.stderr.on('data', listen);
  child.stdin.on('error', () => undefined);
  return new Promise((done, fail) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      fail(new Error(`no end after 30 s: ${output}`));
    }, 30_000);
    child.once('error', fail);
    child.once('close', (code) => {
      clearTimeout(timer);
      done({ code, output });
    });
  });
}

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { type Database, databaseAt } from '../support/databases.js';

const bin = fileURLToPath(new URL('../../bin/mltrack.js', import.meta.url));
const canScript = process.platform === 'linux' && spawnSync('script', ['--version']).status === 0;
if (!canScript) console.error('!!! no util-linux "script" here: the terminal tests are LEFT OUT');

/** Runs the command under a pseudo-terminal of so many columns, and returns what the terminal was sent. */
function onTerminal(columns: number, uri: string): { status: number | null; output: string } {
  const command = `stty cols ${columns} rows 40; exec '${process.execPath}' '${bin}' db upgrade '${uri}'`;
  const run = spawnSync('script', ['-qec', command, '/dev/null'], {
    ...{ encoding: 'utf8', timeout: 60_000, maxBuffer: 64 * 2 ** 20, stdio: ['ignore', 'pipe', 'pipe'] },
    env: { PATH: process.env.PATH ?? '', TERM: 'xterm-256color', TZ: 'UTC' },
  });
  return { status: run.status, output: run.stdout };
}

describe.runIf(canScript)('on a terminal', () => {
  let database: Database;
  afterEach(() => database.drop());

  it('a spinner with a bar, a line a revision, and the result', async () => {
    database = await databaseAt('sqlite', 48);
    const { status, output } = onTerminal(100, database.uri);
    expect(status).toBe(0);
    expect(output).toContain('░');
    expect(output).toMatch(/✔.* f4a9b2c7d1e6/);
    expect(output).toMatch(/upgraded by 22 revisions to f4a9b2c7d1e6/);
    // The cursor is shown again.
    expect(output.lastIndexOf('\u001b[?25h')).toBeGreaterThan(output.lastIndexOf('\u001b[?25l'));
  });

  it('a terminal that tells no width gets plain lines', async () => {
    database = await databaseAt('sqlite', 48);
    const { status, output } = onTerminal(0, database.uri);
    expect(status).toBe(0);
    expect(output).not.toContain('\u001b[1A');
    expect(output).toMatch(/upgraded by 22 revisions/);
  });
});

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import stringWidth from 'string-width';
import { afterEach, describe, expect, it } from 'vitest';
import { type Database, databaseAt } from '../support/databases.js';

const bin = fileURLToPath(new URL('../../bin/mltrack.js', import.meta.url));
/** Names that a terminal would obey, or whose letters are wider or narrower than one column. */
const names = [
  '\u001b[2J\u001b[31mevil',
  '表データ',
  'e\u0301te\u0301',
  '🎉👩‍👩‍👧',
  'line\nbreak',
  '\u009b2J',
];

/** Without colours. */
const plain = (text: string): string =>
  text.replace(new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*m`, 'g'), '');

const canScript = process.platform === 'linux' && spawnSync('script', ['--version']).status === 0;
if (!canScript) console.error('!!! no util-linux "script" here: the terminal tests are LEFT OUT');

interface Shown {
  readonly status: number | null;
  readonly output: string;
}

/** Runs `db upgrade` under a pseudo-terminal of so many columns, and returns what the terminal was sent. */
const onTerminal = (columns: number, uri: string): Shown => shown(columns, ['db', 'upgrade', uri]);

function shown(columns: number, args: readonly string[], env: Record<string, string> = {}): Shown {
  const words = [process.execPath, bin, ...args].map((word) => `'${word}'`).join(' ');
  const command = `stty cols ${columns} rows 40; exec ${words}`;
  const run = spawnSync('script', ['-qec', command, '/dev/null'], {
    ...{ encoding: 'utf8', timeout: 60_000, maxBuffer: 64 * 2 ** 20, stdio: ['ignore', 'pipe', 'pipe'] },
    env: { PATH: process.env.PATH ?? '', TERM: 'xterm-256color', TZ: 'UTC', ...env },
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

  it('a dumb terminal gets plain lines, and no colours', async () => {
    database = await databaseAt('sqlite', 48);
    const { status, output } = shown(100, ['db', 'upgrade', database.uri], { TERM: 'dumb' });
    expect(status).toBe(0);
    expect(output).not.toContain('\u001b');
    expect(output).toMatch(/Z f4a9b2c7d1e6 .*upgraded by 22 revisions/s);
  });

  it.each([40, 200])(
    'sentences fit %i columns and are not longer than 100, tables stand in line',
    async (columns) => {
      database = await databaseAt('sqlite', 48);
      await database.run(
        ...names.map((name) => `CREATE TABLE "${name}" (a INTEGER)`),
        `INSERT INTO "${names[0]}" VALUES (1)`,
      );
      for (const command of ['history', 'status', 'plan']) {
        const { output } = shown(columns, [
          'db',
          command,
          database.uri,
          ...(command === 'status' ? ['--all-tables'] : []),
        ]);
        const lines = plain(output).split('\r\n');
        expect(lines.length).toBeGreaterThan(30);
        const isSentence =
          /^(must be agreed to|note|irreversible:|long on:|revision| {2}(two|run tags|measured)) /;
        const some = lines.filter((line) => isSentence.test(line));
        expect(some.length).toBeGreaterThan(0);
        for (const line of some) expect(stringWidth(line), line).toBeLessThanOrEqual(Math.min(columns, 100));
        if (command !== 'status') continue;
        const table = lines.filter((line) => /^ {2}.*(MLflow’s\)|tags|total) +\d/.test(line));
        expect(table.length).toBeGreaterThan(names.length);
        expect(new Set(table.map((line) => stringWidth(line))).size, table.join('\n')).toBe(1);
      }
    },
  );

  it.each(['status', 'check', 'diff', 'plan', 'gc'])(
    '%s: names move no cursor, begin no line and choose no colour',
    async (command) => {
      database = await databaseAt('sqlite', 69);
      await database.run(
        ...names.map((name) => `CREATE TABLE "${name}" (a INTEGER)`),
        `INSERT INTO experiments (experiment_id, name, lifecycle_stage) VALUES (7, '${names[0]}', 'deleted')`,
      );
      const args = {
        status: ['--all-tables'],
        diff: [`sqlite:///${database.uri.slice(10)}2`],
        gc: ['--dry-run', '--keep-artifacts'],
      };
      const { output } = shown(100, [
        ...(command === 'gc' ? [] : ['db']),
        command,
        database.uri,
        ...(args[command as keyof typeof args] ?? []),
      ]);
      if (command !== 'plan') expect(output).toContain('\\u001b[2J\\u001b[31mevil');
      // Nothing but the colours of mltrack, each of which is ended.
      expect(plain(output)).not.toMatch(/[^\P{Cc}\r\n]/u);
      expect(output).not.toMatch(/^break/m);
      expect(output).not.toContain('\u001b[31mevil');
    },
  );
});

describe('into a pipe', () => {
  const piped = (command: string, env: Record<string, string> = {}) =>
    spawnSync('bash', ['--norc', '-c', command.replaceAll('mltrack', `'${process.execPath}' '${bin}'`)], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH ?? '', TERM: 'xterm-256color', ...env },
    });

  it('nothing is wrapped, unless COLUMNS says so, nor coloured, unless FORCE_COLOR says so', () => {
    const plainly = piped('mltrack db history');
    expect(plainly.stdout).not.toContain('\u001b');
    expect(plainly.stdout).toMatch(/^ {5}a metric may have several values at the same time .{50,}$/m);
    const narrow = piped('mltrack db history', { COLUMNS: '60', FORCE_COLOR: '1' });
    expect(narrow.stdout).toContain('\u001b[33mirreversible');
    for (const line of plain(narrow.stdout)
      .split('\n')
      .filter((one) => /^ {5}(a|the|many) /.test(one)))
      expect(line.length, line).toBeLessThanOrEqual(60);
  });

  it('a reader that ends early is no error', () => {
    for (const command of [
      'db history',
      'db history --json',
      'db upgrade --sql --from 451aebb31d03 sqlite:///x.db',
    ]) {
      const { stdout, stderr } = piped(`set -o pipefail; mltrack ${command} | head -1; echo "code $?"`);
      expect(stderr).toBe('');
      expect(stdout).toMatch(/^[^\n]+\ncode 0\n$/);
    }
  });
});

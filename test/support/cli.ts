import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { Database } from './databases.js';
import { irreversible } from './irreversible.js';
import { expectDescribed } from './json-shapes.js';
import { password } from './server.js';
import { snapshot } from './snapshot.js';

const bin = fileURLToPath(new URL('../../bin/mltrack.js', import.meta.url));

/** Most tests agree beforehand to what cannot be undone; a test of the question says `MLTRACK_CONFIRM: ''`. */
const agreed = { MLTRACK_CONFIRM: irreversible.join(',') };

/** A second password that no output may hold, where the server's own would be right. */
export const otherPassword = 'hunter2';

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The lines of standard output, parsed; with --json only. */
  readonly events: Record<string, unknown>[];
}

export interface RunOptions {
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  readonly stdin?: string;
  /** Runs as this user; only root can. */
  readonly uid?: number;
  /** What to run instead of the built command line of this tree. */
  readonly bin?: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Run>;
  /** Resolves once the output holds the text; fails when the process ends before. */
  until(text: string): Promise<void>;
}

/** Runs the built command line in an environment that holds nothing but PATH and what the test gives. */
export const mltrack = (args: readonly string[], options: RunOptions = {}): Promise<Run> =>
  start(args, options).ended;

/** `mltrack db upgrade`. */
export const dbUpgrade = (args: readonly string[], options: RunOptions = {}): Promise<Run> =>
  mltrack(['db', 'upgrade', ...args], options);

export function start(args: readonly string[], options: RunOptions = {}): Started {
  const child = spawn(process.execPath, [options.bin ?? bin, ...args], {
    env: { PATH: process.env.PATH ?? '', HOME: '/nonexistent', TZ: 'UTC', ...agreed, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.stdin ?? '');
  const ended = new Promise<Run>((done, fail) => {
    child.once('error', fail);
    child.once('close', (code) => {
      try {
        done(checked({ code, stdout, stderr, events: [] }, args));
      } catch (error) {
        fail(error);
      }
    });
  });
  ended.catch(() => undefined);
  return {
    child,
    ended,
    until: (text) =>
      new Promise((done, fail) => {
        const look = () => {
          if (!`${stdout}${stderr}`.includes(text)) return;
          done();
        };
        child.stdout?.on('data', look);
        child.stderr?.on('data', look);
        child.once('close', () => fail(new Error(`ended before it said "${text}":\n${stdout}${stderr}`)));
        look();
      }),
  };
}

/** The event with which a command that went well ends. */
const results =
  /^(done|prepopulated|prepopulate-plan|plan|status|history|hint|check|checked|diff|repaired|repair-plan|gc|gc-plan|downgrade-plan|downgraded|version)$/;

/** What holds for every run: no password, no escape codes in a pipe, JSON on every line where it was asked for. */
function checked(run: Run, args: readonly string[]): Run {
  const output = `${run.stdout}${run.stderr}`;
  for (const form of [password, encodeURIComponent(password), otherPassword])
    if (output.includes(form)) throw new Error(`a password was printed:\n${output}`);
  if (output.includes('\u001b')) throw new Error(`an escape code was printed into a pipe:\n${output}`);
  const isJson =
    args.includes('--json') || args.some((arg, i) => arg === '--format' && args[i + 1] === 'json');
  if (!isJson || args.some((arg) => arg === '--help' || arg === '-h')) return run;
  const events = run.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  events.forEach(expectDescribed);
  // A process that was killed says nothing more.
  if (run.code !== null)
    expect(events.at(-1)?.event, output).toEqual(run.code === 0 ? expect.stringMatching(results) : 'error');
  return { ...run, events };
}

/** A refusal: the exit code, what was said, and at least one line of what to do next; never a stack. */
export function expectRefusal(run: Run, code: number, ...says: (string | RegExp)[]): void {
  const output = `${run.stdout}${run.stderr}`;
  expect(run.code, output).toBe(code);
  for (const text of says) expect(output).toMatch(text);
  expect(output).not.toMatch(/\n {4}at /);
  const hints = run.events.at(-1)?.hints;
  if (hints !== undefined) expect(hints, output).not.toEqual([]);
  else
    expect(output, 'no line says what to do next').toMatch(/\n {2}→ |\(Did you mean |\n\nExamples:|Usage: /);
}

export function expectDone(run: Run): void {
  expect(run.code, `${run.stdout}${run.stderr}`).toBe(0);
}

/** Runs an upgrade that must be refused, and compares the database before and after. */
export async function refusedUnchanged(
  database: Database,
  args: readonly string[],
  code: number,
  says: readonly (string | RegExp)[],
  options: RunOptions = {},
): Promise<Run> {
  const before = await snapshot(database);
  const run = await dbUpgrade(args, options);
  expectRefusal(run, code, ...says);
  expect(await snapshot(database)).toEqual(before);
  return run;
}

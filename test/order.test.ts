import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { RunnerTask, RunnerTestFile } from 'vitest';
import { describe, expect, it } from 'vitest';
import { long } from './support/longest-first.js';
import { leaveOut, passedIn } from './support/not-again.js';

const filepath = join(process.cwd(), 'test/some.test.ts');

/** A collected file; a list is a suite, named by its first item. */
type Tree = string | [string, ...Tree[]];
function collected(...tree: Tree[]): RunnerTestFile {
  const file = { type: 'suite', name: 'test/some.test.ts', filepath, mode: 'run', tasks: [] as unknown[] };
  const made = (one: Tree, suite?: object): unknown => {
    if (typeof one === 'string') return { type: 'test', name: one, mode: 'run', suite, file };
    const task = { type: 'suite', name: one[0], mode: 'run', suite, file, tasks: [] as unknown[] };
    task.tasks = (one.slice(1) as Tree[]).map((child) => made(child, task));
    return task;
  };
  file.tasks = tree.map((one) => made(one));
  return file as unknown as RunnerTestFile;
}
const modes = (task: RunnerTask): unknown =>
  task.type === 'suite' ? [task.mode, ...task.tasks.map(modes)] : task.mode;

const report = (...results: [string, string][]) =>
  passedIn({
    testResults: [
      { name: filepath, assertionResults: results.map(([fullName, status]) => ({ fullName, status })) },
    ],
  });

describe('tests that passed before', () => {
  it('are left out, with suites of which nothing is left', () => {
    const file = collected('alone', ['mysql: x', 'a', 'b'], ['mariadb: x', 'a', 'b']);
    leaveOut(file, report(['mysql: x a', 'passed'], ['mariadb: x a', 'passed'], ['mariadb: x b', 'passed']));
    expect(modes(file)).toEqual(['run', 'run', ['run', 'skip', 'run'], ['skip', 'skip', 'skip']]);
  });

  it.each(['failed', 'skipped', 'pending', 'todo'])('are not those that were %s', (status) => {
    const file = collected(['mysql: x', 'a']);
    leaveOut(file, report(['mysql: x a', status]));
    expect(modes(file)).toEqual(['run', ['run', 'run']]);
  });

  it('are not those of another file, or of a name that two share', () => {
    const passed = report(['a', 'passed'], ['b', 'passed']);
    const file = collected('a', 'a', 'b');
    leaveOut(file, passed);
    expect(modes(file)).toEqual(['run', 'run', 'run', 'skip']);
    const other = Object.assign(collected('b'), { filepath: join(process.cwd(), 'test/other.test.ts') });
    leaveOut(other, passed);
    expect(modes(other)).toEqual(['run', 'run']);
  });
});

it.each(long)('a long file that is begun first is there: %s', (file) => {
  expect(existsSync(join(process.cwd(), file))).toBe(true);
});

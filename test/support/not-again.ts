import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { type RunnerTask, type RunnerTestFile, TestRunner } from 'vitest';

/** What is read here of a report of vitest's `json` reporter. */
export interface Report {
  testResults: { name: string; assertionResults: { fullName: string; status: string }[] }[];
}

/** File and full name of each test that has passed according to a report. */
export const passedIn = ({ testResults }: Report): Set<string> =>
  new Set(
    testResults.flatMap(({ name, assertionResults }) =>
      assertionResults
        .filter(({ status }) => status === 'passed')
        .map(({ fullName }) => keyOf(name, fullName)),
    ),
  );

const keyOf = (file: string, name: string): string => `${relative(process.cwd(), file)} ${name}`;

const fullName = (task: RunnerTask): string =>
  task.suite && task.suite !== task.file ? `${fullName(task.suite)} ${task.name}` : task.name;

const testsOf = (task: RunnerTask): RunnerTask[] =>
  task.type === 'suite' ? task.tasks.flatMap(testsOf) : [task];

/** Leaves tests out of a file, and suites of which nothing is left, with their hooks. A name that two tests share stays. */
export function leaveOut(file: RunnerTestFile, passed: ReadonlySet<string>): void {
  const tests = testsOf(file);
  const names = tests.map(fullName);
  for (const [i, test] of tests.entries()) {
    const name = names[i] as string;
    const alone = names.indexOf(name) === names.lastIndexOf(name);
    if (alone && passed.has(keyOf(file.filepath, name))) test.mode = 'skip';
  }
  leaveOutEmpty(file);
}

function leaveOutEmpty(task: RunnerTask): void {
  if (task.type !== 'suite') return;
  for (const one of task.tasks) leaveOutEmpty(one);
  if (task.tasks.length > 0 && task.tasks.every(({ mode }) => mode === 'skip' || mode === 'todo'))
    task.mode = 'skip';
}

/**
 * Does not run again what passed in an earlier run on the same tree, whose report MLTRACK_TESTS_PASSED names: CI runs `npm test`,
 * which leaves out cases, and then all cases (MLTRACK_TESTS=all). A test goes by its name: one that does more in the second
 * run must have another name there.
 */
export default class NotAgain extends TestRunner {
  private readonly passed = passedIn(
    JSON.parse(readFileSync(process.env.MLTRACK_TESTS_PASSED as string, 'utf8')),
  );

  onCollected(files: RunnerTestFile[]): void {
    for (const file of files) leaveOut(file, this.passed);
  }
}

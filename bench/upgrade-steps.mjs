import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Steps that are told at most of one upgrade. */
const told = 6;

/**
 * Runs an upgrade of mltrack with --json and takes the time of each of its steps: from its first `progress` event to
 * the first of the next. What comes before the first step (start, connection, plan, looking at rows) and after the last
 * event (commit, end) are steps of their own.
 *
 * @returns the longest: `{ step, table, ms }`, and the milliseconds of all
 */
export async function stepsOf(bin, url) {
  const since = performance.now();
  const now = () => performance.now() - since;
  const child = spawn(process.execPath, [bin, 'db', 'upgrade', url, '--yes', '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((done) => child.once('close', done));
  const steps = [{ step: 'start, connect, plan', table: '', at: 0 }];
  for await (const line of createInterface({ input: child.stdout })) {
    const { event, step, table } = JSON.parse(line);
    const last = steps.at(-1);
    if (event !== 'progress' || (last.step === step && last.table === table)) continue;
    steps.push({ step, table, at: now() });
  }
  const commit = now();
  const code = await ended;
  if (code !== 0) throw new Error(`mltrack db upgrade ended with ${code} under the clock of its steps`);
  const all = now();
  steps.push({ step: 'end of the process', table: '', at: commit }, { at: all });
  const took = steps.slice(0, -1).map(({ at, ...one }, i) => ({ ...one, ms: steps[i + 1].at - at }));
  return { ms: all, longest: took.sort((a, b) => b.ms - a.ms).slice(0, told) };
}

import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { expectDone, mltrack, start } from '../support/cli.js';
import { bundled, thorough } from '../support/share.js';
import { dropScenes, type Scene, scene } from './crash-scene.js';

afterEach(dropScenes);

/** Kills a collection at a moment of its own work. @returns whether it came that far */
async function dieAt(moment: string, args: readonly string[]): Promise<boolean> {
  const preload = new URL('../support/dies-at.mjs', import.meta.url).href;
  const env = { NODE_OPTIONS: `--import ${preload}`, MLTRACK_TEST_DIES: moment };
  const { code, stderr, stdout } = await mltrack(args, { env });
  expect([0, null], `${stderr}${stdout}`).toContain(code);
  return code === null;
}

/** Kills a collection so many milliseconds after its first item was taken up. */
async function dieAfter(ms: number, args: readonly string[]): Promise<boolean> {
  const run = start(args);
  await run.until('"progress"');
  await sleep(ms);
  run.child.kill('SIGKILL');
  const { code } = await run.ended;
  return code === null;
}

async function finish({ ledger, byPlan }: Scene): Promise<void> {
  expectDone(await mltrack(byPlan));
  await ledger.finished();
  // A plan that is carried out has nothing left.
  expectDone(await mltrack(byPlan));
  await ledger.finished();
}

describe('sqlite: a collection that is killed', () => {
  it('leaves no item half gone, and the next run takes the rest', async () => {
    const made = await scene('sqlite', { runs: 24, traces: 12, files: 2 });
    expect(await dieAt('unlink:9', made.command)).toBe(true);
    const left = await made.ledger.check();
    expect(await dieAt('delete:30', made.byPlan)).toBe(true);
    expect((await made.ledger.check()).length).toBeLessThan(left.length);
    expectDone(await mltrack(made.byPlan));
    await made.ledger.finished();
  });
});

/** Moments of a collection's work: the first ones are reached by every run that has something left to do. */
const moments = [
  ...[
    'lock:1',
    'unlink:1',
    'unlink:17',
    'lock:2',
    'delete:1',
    'delete:7',
    'commit:1',
    'unlink:40',
    'commit:2',
  ],
  ...['lock:3', 'committed:1', 'delete:21', 'committed:2', 'commit:3', 'lock:5', 'unlink:120', 'delete:60'],
];

/** Experiments come last: their moments are reached once only those are left. */
const late = ['unlink:3', 'delete:2', 'commit:1', 'delete:9', 'committed:2', 'delete:17', 'commit:3'];

describe.runIf(thorough).each(bundled())('%s: a collection that is killed', (kind) => {
  it('at chosen and at random moments takes what was planned in the end, and nothing else', async () => {
    let [killed, made] = [0, await scene(kind, { runs: 240, traces: 250, files: 3 })];
    for (const [i, moment] of moments.entries()) {
      if (await dieAt(moment, i % 2 === 0 ? made.command : made.byPlan)) killed++;
      await made.ledger.check();
    }
    expect(killed).toBe(moments.length);
    for (let i = 0; i < 10; i++) {
      const done = !(await dieAfter(Math.random() * 250, i % 2 === 0 ? made.byPlan : made.command).catch(
        () => false,
      ));
      if (!done) killed++;
      await made.ledger.check();
      if (!done) continue;
      await finish(made);
      made = await scene(kind, { runs: 240, traces: 250, files: 3 });
    }
    await finish(made);
    console.log(`crash ${kind}: ${killed} kills survived`);
    expect(killed).toBeGreaterThanOrEqual(20);
  }, 300_000);

  it('in its last part, among experiments and their traces, too', async () => {
    const made = await scene(kind, { runs: 0, traces: 450, files: 1 });
    let killed = 0;
    for (const [i, moment] of late.entries()) {
      if (await dieAt(moment, i % 2 === 0 ? made.byPlan : made.command)) killed++;
      await made.ledger.check();
    }
    expect(killed).toBeGreaterThanOrEqual(5);
    await finish(made);
  }, 300_000);
});

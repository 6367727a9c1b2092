import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { canScript, onTerminal } from '../support/pseudo-terminal.js';
import { thorough } from '../support/share.js';
import { fileOf } from '../support/snapshot.js';
import { daysAgo, type GcWorld, gcWorld, idOf } from './plan-world.js';

const bin = fileURLToPath(new URL('../../bin/mltrack.js', import.meta.url));
let world: GcWorld;
afterEach(() => world.drop());

async function two(): Promise<string> {
  world = await gcWorld('sqlite');
  await world.experiment(1);
  await world.run('old', { deletedAt: daysAgo(40) });
  await world.run('active');
  return fileOf(world.database).split('/').at(-1) as string;
}

/** All but the first are left to MLTRACK_TESTS=all: each takes a process. */
const refusals: readonly (readonly [string, string, number])[] = [
  ['Ctrl-C', '\u0003', 130],
  ['another name', 'yes\r', 6],
  ['nothing', '\r', 6],
  ['the end of input', '\u0004', 6],
];

const runs = () => world.values('runs', 'run_uuid');
const both = [idOf('active'), idOf('old')].sort();

describe.runIf(canScript)('sqlite: gc on a terminal', () => {
  const prompt = 'to go on: ';
  const args = () => ['gc', world.database.uri, '--older-than', '30d'];

  it('asks once, says what goes, and deletes when the name is typed', async () => {
    const name = await two();
    const { code, output } = await onTerminal(args(), prompt, `${name}\r`);
    expect(code).toBe(0);
    expect(output).toContain('1 run would be deleted for good, 4 rows, with all their artifacts');
    expect(output.split(prompt)).toHaveLength(2);
    expect(output).toMatch(/1 run collected in/);
    expect(await runs()).toEqual([idOf('active')]);
    expect(world.has(1, idOf('old'), 'artifacts')).toBe(false);
  });

  it.each(thorough ? refusals : refusals.slice(0, 1))('deletes nothing after %s', async (_, keys, exit) => {
    await two();
    const { code, output } = await onTerminal(args(), prompt, keys);
    expect(code).toBe(exit);
    expect(output).toContain('nothing was deleted');
    expect(await runs()).toEqual(both);
    expect(world.has(1, idOf('old'), 'artifacts', 'f1')).toBe(true);
  });

  it.skipIf(!thorough)('asks nothing where nothing goes, or with --yes', async () => {
    await two();
    const none = await onTerminal(['gc', world.database.uri, '--older-than', '300d'], prompt, 'x\r');
    expect([none.code, none.output.includes(prompt)]).toEqual([0, false]);
    expect(none.output).toContain('nothing to collect');
    const agreed = await onTerminal([...args(), '--yes'], prompt, 'x\r');
    expect([agreed.code, agreed.output.includes(prompt)]).toEqual([0, false]);
    expect(await runs()).toEqual([idOf('active')]);
  });
});

describe.runIf(thorough)('sqlite: gc without a terminal', () => {
  it('ends with 6 and says so in JSON, on the last line', async () => {
    await two();
    const env = { PATH: process.env.PATH ?? '', MLFLOW_BACKEND_STORE_URI: world.database.uri };
    const ran = spawnSync(process.execPath, [bin, 'gc', '--older-than', '30d', '--json'], {
      ...{ encoding: 'utf8', env, timeout: 30_000 },
    });
    const last = (ran.stdout.trim().split('\n').at(-1) ?? '') || (ran.stderr.trim().split('\n').at(-1) ?? '');
    expect([ran.status, JSON.parse(last)]).toEqual([
      6,
      {
        event: 'error',
        version: 1,
        exitCode: 6,
        hints: ['look at them with --dry-run, then agree with --yes'],
        message: expect.stringMatching(/^1 items? would be deleted for good from .*; nothing was deleted$/),
      },
    ]);
    expect(await runs()).toEqual(both);
  });
});

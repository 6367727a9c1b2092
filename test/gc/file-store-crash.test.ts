import { existsSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { staging } from '../../src/core/gc/file-store.js';
import { expectDone, mltrack, type Run } from '../support/cli.js';
import { thorough } from '../support/share.js';
import { idOf, treeOf, unpack } from './file-store-world.js';

const made: string[] = [];
afterEach(() => {
  for (const base of made.splice(0)) rmSync(dirname(base), { recursive: true });
});

function world() {
  const { base, root } = unpack();
  made.push(base);
  return { base, root };
}

const preload = new URL('../support/dies-at-file.mjs', import.meta.url).href;
/** Two runs, one with its artifacts elsewhere, and an experiment with a run, a model and a trace. */
const chosen = [
  ...['--run-ids', ['old-run', 'away-run'].map(idOf).join(), '--experiment-ids', idOf('deleted-plain')],
  ...['--ignore-registry', '--yes', '--json'],
];
const collect = (root: string, diesAt?: number): Promise<Run> =>
  mltrack(['gc', root, ...chosen], {
    env:
      diesAt === undefined
        ? {}
        : { NODE_OPTIONS: `--import ${preload}`, MLTRACK_TEST_DIES_AT_FILE: String(diesAt) },
  });
/** Locations hold the directory's name, which differs. */
const names = (base: string): string[] => Object.keys(treeOf(base)).sort();

/** Moments of death: each change in the file system; a few of them where time is short. */
const moments = thorough ? undefined : [3, 20];

it(`killed at ${moments ? moments.length : 'all'} moments it has lost nothing that it did not mean, and the next run takes the rest`, {
  timeout: 1_200_000,
}, async () => {
  const whole = world();
  const before = names(whole.base);
  expectDone(await collect(whole.root));
  const [expected, end] = [names(whole.base), new Set(names(whole.base))];
  const meant = new Set(before.filter((name) => !end.has(name)));
  expect(meant.size).toBeGreaterThan(30);
  let deaths = 0;
  for (let i = 0; ; i++) {
    const moment = moments ? moments[i] : i + 1;
    if (moment === undefined) break;
    const { base, root } = world();
    const { code } = await collect(root, moment);
    if (code === 0) break;
    expect(code, `at ${moment}`).toBeNull();
    deaths++;
    const left = new Set(names(base));
    expect(
      before.filter((name) => !left.has(name) && !meant.has(name)),
      `lost at ${moment}`,
    ).toEqual([]);
    for (const run of [`0/${idOf('old-run')}`, `${idOf('away')}/${idOf('away-run')}`]) {
      const own = before.filter((name) => name.startsWith(`mlruns/${run}/`));
      const there = own.filter((name) => left.has(name));
      expect([0, own.length], `${run}, whole or not at all, at ${moment}`).toContain(there.length);
    }
    expectDone(await collect(root));
    expect(names(base), `after the second run, killed at ${moment}`).toEqual(expected);
    expect(existsSync(join(root, staging))).toBe(false);
    rmSync(base, { recursive: true });
  }
  if (moments) expect(deaths).toBe(moments.length);
  else expect(deaths).toBeGreaterThan(40);
  process.stderr.write(`file store: ${deaths} of ${deaths} deaths recovered\n`);
  expect(readdirSync(whole.root)).not.toContain(staging);
});

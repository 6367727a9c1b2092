import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { staging } from '../../src/core/gc/file-store.js';
import { collectFiles } from '../../src/core/gc/file-store-apply.js';
import { stagedName } from '../../src/core/gc/file-store-leftovers.js';
import { ownerMark } from '../../src/core/gc/file-store-owner.js';
import { selectFiles } from '../../src/core/gc/file-store-select.js';
import { Stop } from '../../src/core/stop.js';
import { parseUri } from '../../src/dialects/index.js';
import { idOf, itemOf, open, rules, treeOf, unpack } from './file-store-world.js';
import { type Ran, run } from './plan-world.js';

let [base, root] = ['', ''];
beforeEach(() => {
  ({ base, root } = unpack());
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(dirname(base), { recursive: true });
});

const gc = (...args: string[]): Promise<Ran> => run(['--backend-store-uri', root, ...args]);
const partly = (exitCode: number, message: string) =>
  expect.objectContaining({ exitCode, message: expect.stringContaining(message) });
const idsOf = (list: unknown): string[] => (list as { id: string }[]).map(({ id }) => id).sort();
const runPath = (name: string): string => join(root, '0', idOf(name));
/** The fixture's deletions of day 10 are older, those of day 40 younger. */
const age = ['--older-than', '2025-10-29'];

it('plans, asks, deletes what it said and nothing else', async () => {
  const before = treeOf(base);
  const dry = await gc(...age, '--dry-run', '--json');
  expect(dry.error).toBeNull();
  expect(treeOf(base)).toEqual(before);
  expect(dry.event).toMatchObject({
    ...{ event: 'gc-plan', version: 1, rows: {}, orphans: null, missingRoots: [] },
    identity: { dialect: 'file', place: root, revision: null, anchor: { experiment: '0' } },
  });
  const going = idsOf(dry.event.items);
  expect(going).toEqual(expect.arrayContaining([idOf('old-run'), idOf('away-run'), idOf('away-model')]));
  const reasons = new Map(
    (dry.event.kept as { id: string; reason: string }[]).map(({ id, reason }) => [id, reason]),
  );
  expect(reasons.get(idOf('young-run'))).toContain('after 2025-10-29');
  expect(reasons.get(idOf('undated-run'))).toContain('--undated');
  expect(reasons.get(idOf('registered-run'))).toContain('registered as best version 1');
  expect((await gc(...age)).error).toEqual(partly(6, `${going.length} items would be deleted for good from`));
  expect(treeOf(base)).toEqual(before);

  const done = await gc(...age, '--yes', '--json');
  expect(done.error).toBeNull();
  const { files, bytes } = dry.event.artifacts as { files: number; bytes: number };
  expect(done.event).toMatchObject({
    ...{ event: 'gc', database: root, revision: null, rows: {}, failed: [], artifacts: { files, bytes } },
  });
  const counts = Object.values(done.event.gone as Record<string, number>);
  expect(counts.reduce((sum, n) => sum + n)).toBe(going.length);
  const gone = Object.keys(before).filter((name) => !(name in treeOf(base)));
  expect(gone.filter((name) => !going.some((id) => name.includes(id)))).toEqual([]);
  expect(gone.filter((name) => !name.endsWith('/')).length).toBe(files);
  // Of a run that kept its artifacts elsewhere, those too.
  expect(gone).toContain(`elsewhere/${idOf('away-run')}/artifacts/model/weights.txt`);
  expect((await gc(...age, '--yes')).out).toContain('nothing to collect');
});

it('finds the store as MLflow does', async () => {
  vi.spyOn(process, 'cwd').mockReturnValue(base);
  writeFileSync(join(base, 'mlflow.db'), '');
  const uri = `file://${root.split('/').map(encodeURIComponent).join('/')}`;
  for (const [args, env] of [
    [[], {}],
    [[], { MLFLOW_TRACKING_URI: './mlruns' }],
    [[], { MLFLOW_BACKEND_STORE_URI: uri }],
    [['--backend-store-uri', uri], {}],
    [['mlruns'], {}],
  ] as const) {
    const { error, event } = await run([...args, '--dry-run', '--json'], new Stop(), env);
    expect(error).toBeNull();
    expect(event.identity).toMatchObject({ place: root });
  }
});

it('applies a plan: no more than it lists, only to this store', async () => {
  const plan = join(base, 'plan.json');
  expect((await gc(...age, '--plan', plan)).error).toBeNull();
  const meta = join(runPath('old-run'), 'meta.yaml');
  writeFileSync(
    meta,
    readFileSync(meta, 'utf8').replace('lifecycle_stage: deleted', 'lifecycle_stage: active'),
  );
  const listed = JSON.parse(readFileSync(plan, 'utf8')) as { items: unknown[] };
  const done = await gc('--apply-plan', plan, '--yes', '--json');
  expect(done.error).toBeNull();
  const sum = Object.values(done.event.gone as Record<string, number>).reduce((all, n) => all + n);
  expect(sum).toBe(listed.items.length - 1);
  expect(done.event.kept).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ id: idOf('old-run'), reason: 'the run is not deleted' }),
    ]),
  );
  expect([existsSync(meta), existsSync(runPath('young-run'))]).toEqual([true, true]);
  const other = unpack();
  const refused = await run(['--backend-store-uri', other.root, '--apply-plan', plan, '--yes']);
  expect(refused.error).toEqual(partly(10, 'is a plan for another store'));
  rmSync(dirname(other.base), { recursive: true });
});

it('stops a surprise, and says what means nothing here', async () => {
  expect((await gc('--yes', '--max-delete', '3')).error).toEqual(partly(10, 'more than --max-delete 3'));
  expect((await gc('--yes', '--max-fraction', '10%')).error).toEqual(
    partly(10, 'more than --max-fraction 0.1'),
  );
  for (const args of [['--vacuum'], ['--orphans'], ['--jobs'], ['--job-ids', 'x'], ['--orphan-artifacts']])
    expect((await gc('--yes', ...args)).error).toEqual(partly(2, args[0] as string));
  expect((await gc('--yes', '--workspace', 'team')).error).toEqual(partly(2, 'has no workspaces'));
  expect((await gc('--yes', '--registry-store-uri', join(base, 'none'))).error).toEqual(
    partly(10, 'the model registry cannot be read'),
  );
  expect(existsSync(runPath('old-run'))).toBe(true);
  expect(() => parseUri(root)).toThrow('no schema');
});

it('keeps artifacts that are to be kept', async () => {
  const done = await gc('--yes', '--json', '--keep-artifacts', '--include-active-models', ...age);
  expect(done.error).toBeNull();
  // Only those whose artifacts lie elsewhere can go without them.
  expect(existsSync(join(root, idOf('away'), idOf('away-run')))).toBe(false);
  expect(readdirSync(join(base, 'elsewhere'), { recursive: true }).join()).toContain(idOf('away-run'));
  for (const name of ['old-run', "Über: 'Läufe' # 1"]) expect(existsSync(runPath(name))).toBe(true);
});

it('keeps the run whose artifacts cannot be removed, and goes on', async () => {
  const meta = join(root, idOf('away'), idOf('away-run'), 'meta.yaml');
  const text = readFileSync(meta, 'utf8').replace(/artifact_uri: .*/, 'artifact_uri: file:///etc/ssl');
  writeFileSync(meta, text);
  const done = await gc(...age, '--yes', '--json');
  expect(done.error).toMatchObject({ exitCode: 8 });
  expect(done.event.failed).toEqual([
    expect.objectContaining({ id: idOf('away-run'), reason: expect.stringContaining('/etc/ssl') }),
  ]);
  expect(readFileSync(meta, 'utf8')).toBe(text);
  expect([existsSync(runPath('old-run')), existsSync(join(root, staging))]).toEqual([false, false]);
});

it('finishes after a stop what it had in hand, and goes on in the next run', async () => {
  const stop = new Stop();
  const check = Stop.prototype.cannotUndo;
  let asked = 0;
  const saying = vi.spyOn(Stop.prototype, 'cannotUndo').mockImplementation(function (this: Stop, left) {
    check.call(this, left);
    // Before the second kind: all runs are gone, the rest is there.
    if (++asked === 3) stop.request('SIGINT');
  });
  const first = await run(['--backend-store-uri', root, '--yes', ...age], stop);
  saying.mockRestore();
  expect(first.error).toMatchObject({
    exitCode: 130,
    message: expect.stringMatching(/\d of \d+ items are gone whole/),
  });
  expect(existsSync(runPath('old-run'))).toBe(false);
  expect((await gc(...age, '--dry-run', '--json')).event.items).not.toEqual([]);
  expect((await gc(...age, '--yes')).error).toBeNull();
  expect((await gc(...age, '--dry-run', '--json')).event.items).toEqual([]);
});

it('takes up what a dead run had moved, and leaves what a living one moved', async () => {
  const store = await open(root);
  mkdirSync(join(root, staging));
  const host = hostname()
    .replace(/[^A-Za-z0-9-]/g, '-')
    .slice(0, 64);
  const move = async (name: string, owner: string) => {
    const item = await itemOf(store, 'run', name);
    renameSync(runPath(name), join(root, staging, `${stagedName(item)}${ownerMark}${owner}`));
  };
  // No process has a number so large; 1 is alive.
  await move('old-run', `${host}.999999999.00000000`);
  await move('young-run', `${host}.1.00000000`);
  const { error, event } = await gc('--yes', '--json');
  expect(error).toBeNull();
  expect(idsOf(event.kept)).not.toContain(idOf('old-run'));
  expect(readdirSync(join(root, staging))).toEqual([expect.stringContaining(idOf('young-run'))]);
  expect(existsSync(runPath('old-run'))).toBe(false);
});

it('lets two collect at once', async () => {
  const both = await Promise.all(
    [0, 1].map(async () => {
      const [store, which] = [await open(root), rules({ activeModels: 'go' })];
      const selected = await selectFiles(store, which, () => undefined);
      const applying = { store, rules: which, artifacts: null, stop: new Stop(), listen: () => undefined };
      return { chosen: selected.items.length, report: await collectFiles(selected, applying) };
    }),
  );
  expect(both.flatMap(({ report }) => report.failed)).toEqual([]);
  expect(both.reduce((sum, { report }) => sum + report.done, 0)).toBe(both[0]?.chosen);
  const after = await gc('--dry-run', '--json', '--include-active-models', '--include-registered');
  expect(after.event.items).toEqual([]);
});

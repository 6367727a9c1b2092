import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Item } from '../../src/core/gc/eligible-rules.js';
import { type FileStore, staging } from '../../src/core/gc/file-store.js';
import type { FileKind } from '../../src/core/gc/file-store-find.js';
import { finishLeftovers, leftoversOf, stagedName } from '../../src/core/gc/file-store-leftovers.js';
import { reasonNow, removeFiled, sizeOfItem } from '../../src/core/gc/file-store-remove.js';
import { cutoff, everything, idOf, itemOf, named, open, rules, treeOf, unpack } from './file-store-world.js';

let [base, root] = ['', ''];
let store: FileStore;
beforeEach(async () => {
  ({ base, root } = unpack());
  store = await open(root);
});
afterEach(() => rmSync(dirname(base), { recursive: true }));

const none = { finished: 0, putBack: 0, failures: [] };
const runPath = (name: string): string => join(root, '0', idOf(name));
const edit = (path: string, from: RegExp, to: string): void =>
  writeFileSync(path, readFileSync(path, 'utf8').replace(from, to));

it('removes a run and nothing else', async () => {
  const before = treeOf(base);
  const item = await itemOf(store, 'run', 'old-run');
  const gone = Object.keys(before).filter((name) => name.startsWith(`mlruns/0/${item.id}/`));
  const files = gone.filter((name) => !name.endsWith('/'));
  const bytes = files.reduce((sum, name) => sum + Buffer.byteLength(before[name] as string), 0);
  expect(files.length).toBeGreaterThan(3);
  expect(await sizeOfItem(store, item)).toEqual({ files: files.length, bytes });
  expect(await removeFiled(store, item, rules())).toEqual({ outcome: 'gone', files: files.length, bytes });
  expect(await finishLeftovers(store)).toEqual(none);
  for (const name of gone) delete before[name];
  expect(treeOf(base)).toEqual(before);
  expect(await removeFiled(store, item, rules())).toMatchObject({
    outcome: 'kept',
    reason: expect.stringContaining('gone already'),
  });
});

it('empties a store of all that is deleted, experiments after what is in them', async () => {
  const which = rules({ activeModels: 'go' });
  for (const kind of ['run', 'model', 'experiment'] as const)
    for (const item of (await everything(store, kind, which)).items)
      expect(await removeFiled(store, item, which)).toMatchObject({ outcome: 'gone' });
  await finishLeftovers(store);
  expect(readdirSync(join(root, '.trash'))).toEqual([]);
  expect(readdirSync(root).sort()).toEqual(['.trash', '0', idOf('away'), 'models']);
  expect(readdirSync(join(root, '0')).sort()).toEqual([idOf('active-run'), 'meta.yaml', 'models'].sort());
  expect(readdirSync(join(root, '0', 'models'))).toEqual([idOf('active-model')]);
  expect(existsSync(join(base, 'elsewhere', idOf('away-run')))).toBe(true);
});

it.each<[string, (item: Item) => void]>([
  ['restored', () => edit(join(runPath('old-run'), 'meta.yaml'), /stage: deleted/, 'stage: active')],
  ['deleted anew', () => edit(join(runPath('old-run'), 'meta.yaml'), /deleted_time: \d+/, 'deleted_time: 5')],
])('keeps a run that was %s since it was chosen', async (_, meanwhile) => {
  const item = await itemOf(store, 'run', 'old-run');
  meanwhile(item);
  const before = treeOf(base);
  expect(await reasonNow(store, item, rules())).not.toBeNull();
  expect(await removeFiled(store, item, rules())).toMatchObject({ outcome: 'kept' });
  expect(treeOf(base)).toEqual(before);
});

it('keeps what the rules keep', async () => {
  const young = await itemOf(store, 'run', 'young-run');
  expect(await removeFiled(store, young, rules({ cutoff }))).toMatchObject({
    outcome: 'kept',
    reason: expect.stringContaining('after'),
  });
  const registered = { runs: new Map([[young.id, 'best version 9']]), models: new Map() };
  expect(await removeFiled(store, young, rules({ registered }))).toMatchObject({ outcome: 'kept' });
  expect(await removeFiled(store, await itemOf(store, 'run', 'active-run'), rules())).toEqual({
    outcome: 'kept',
    reason: 'the run is not deleted',
  });
});

it('keeps an experiment whole that still holds something', async () => {
  const before = treeOf(base);
  const plain = await itemOf(store, 'experiment', 'deleted-plain');
  expect(await removeFiled(store, plain, rules())).toEqual({
    outcome: 'kept',
    reason: 'it still holds runs',
  });
  expect(await finishLeftovers(store)).toEqual(none);
  expect(treeOf(base)).toEqual(before);
  await removeFiled(store, await itemOf(store, 'run', 'plain-run'), rules());
  expect(await removeFiled(store, plain, rules())).toMatchObject({ reason: 'it still holds logged models' });
  await removeFiled(store, await itemOf(store, 'model', 'plain-model'), rules());
  expect(await removeFiled(store, plain, rules())).toMatchObject({ outcome: 'gone' });
});

it('unlinks links in a run and leaves what they point to', async () => {
  const [file, folder] = [join(base, 'precious'), join(base, 'dear')];
  writeFileSync(file, 'x');
  mkdirSync(folder);
  writeFileSync(join(folder, 'y'), 'y');
  symlinkSync(file, join(runPath('old-run'), 'artifacts', 'link'));
  symlinkSync(folder, join(runPath('old-run'), 'artifacts', 'folder'));
  symlinkSync('/', join(runPath('old-run'), 'root'));
  const item = await itemOf(store, 'run', 'old-run');
  expect(await removeFiled(store, item, rules())).toMatchObject({ outcome: 'gone' });
  expect(existsSync(runPath('old-run'))).toBe(false);
  expect([readFileSync(file, 'utf8'), readdirSync(folder)]).toEqual(['x', ['y']]);
});

it.each<[string, FileKind, string, () => [string, string]]>([
  ['its experiment', 'run', 'plain-run', () => [join(root, '.trash', idOf('deleted-plain')), 'moved']],
  ['.trash', 'run', 'plain-run', () => [join(root, '.trash'), 'moved']],
  ['the models of its experiment', 'model', 'old-model', () => [join(root, '0', 'models'), 'moved']],
])('removes nothing where %s becomes a link', async (_, kind, name, where) => {
  const item = await itemOf(store, kind, name);
  const [path, to] = where();
  renameSync(path, join(base, to));
  symlinkSync(join(base, to), path);
  const before = treeOf(base);
  const { outcome } = await removeFiled(store, item, rules());
  expect(['kept', 'failed']).toContain(outcome);
  expect(treeOf(base)).toEqual(before);
});

it('follows no link in the place of its own directory', async () => {
  const item = await itemOf(store, 'run', 'old-run');
  mkdirSync(join(base, 'other'));
  writeFileSync(join(base, 'other', 'x'), 'x');
  symlinkSync(join(base, 'other'), join(root, staging));
  const before = treeOf(base);
  expect(await removeFiled(store, item, rules())).toMatchObject({ outcome: 'failed' });
  expect(await finishLeftovers(store)).toEqual(none);
  expect(treeOf(base)).toEqual(before);
});

it.each(['../../elsewhere', '..', '.', 'a/b', ''])('takes no path as an id: %j', async (id) => {
  const before = treeOf(base);
  const item = {
    kind: 'run',
    id,
    name: null,
    experimentId: '0',
    deletedAt: null,
    artifactUri: null,
  } as const;
  expect(await removeFiled(store, item, rules())).toMatchObject({ outcome: 'kept' });
  expect(treeOf(base)).toEqual(before);
});

it('puts back what died before it was judged', async () => {
  const before = treeOf(base);
  mkdirSync(join(root, staging));
  for (const [kind, name] of [
    ['run', 'old-run'],
    ['run', 'plain-run'],
    ['model', 'old-model'],
    ['experiment', 'deleted-with-young-run'],
  ] as const) {
    const item = await itemOf(store, kind, name);
    const [found] = Object.keys(before).filter((path) => path.endsWith(`/${item.id}/`));
    const from = join(base, found as string);
    renameSync(from, join(root, staging, stagedName(item)));
  }
  expect(await leftoversOf(store)).toHaveLength(4);
  expect((await named(store, 'run', rules())).go).not.toContain('old-run');
  expect(await finishLeftovers(store)).toEqual({ finished: 0, putBack: 4, failures: [] });
  expect(treeOf(base)).toEqual(before);
});

it('ends what died while it was emptied, and leaves what is not its own', async () => {
  const item = await itemOf(store, 'run', 'old-run');
  mkdirSync(join(root, staging, 'stranger'), { recursive: true });
  const half = join(root, staging, `${stagedName(item)}@gone@0badcafe`);
  renameSync(runPath('old-run'), half);
  rmSync(join(half, 'meta.yaml'));
  expect((await named(store, 'run', rules())).stay).not.toHaveProperty('old-run');
  const { finished, putBack, failures } = await finishLeftovers(store);
  expect([finished, putBack, failures.length]).toEqual([1, 0, 1]);
  expect(failures[0]).toContain('stranger');
  expect(readdirSync(join(root, staging))).toEqual(['stranger']);
});

it('does not put back onto what is there again', async () => {
  const item = await itemOf(store, 'run', 'old-run');
  mkdirSync(join(root, staging));
  renameSync(runPath('old-run'), join(root, staging, stagedName(item)));
  mkdirSync(runPath('old-run'));
  const { failures } = await finishLeftovers(store);
  expect(failures).toEqual([expect.stringContaining('is there again')]);
  expect(await leftoversOf(store)).toEqual([stagedName(item)]);
});

it.skipIf(process.getuid?.() === 0)('keeps whole what it may not remove', async () => {
  const before = treeOf(base);
  const item = await itemOf(store, 'run', 'old-run');
  chmodSync(join(runPath('old-run'), 'artifacts', 'model'), 0o555);
  expect(await removeFiled(store, item, rules())).toMatchObject({
    outcome: 'failed',
    why: expect.stringContaining('EACCES'),
  });
  chmodSync(join(runPath('old-run'), 'artifacts', 'model'), 0o755);
  expect(treeOf(base)).toEqual(before);
});

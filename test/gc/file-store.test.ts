import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FileStore, fileStorePath, openFileStore } from '../../src/core/gc/file-store.js';
import { activeModelsIn } from '../../src/core/gc/file-store-eligible.js';
import { registeredInFiles } from '../../src/core/gc/file-store-registered.js';
import { filedTracePlaces } from '../../src/core/gc/file-store-traces.js';
import { cutoff, everything, idOf, named, open, rules, unpack } from './file-store-world.js';

let [base, root] = ['', ''];
let store: FileStore;
beforeEach(async () => {
  ({ base, root } = unpack());
  store = await open(root);
});
afterEach(() => rmSync(dirname(base), { recursive: true }));

const umlauts = "Über: 'Läufe' # 1";

describe('where a file store is', () => {
  it.each([
    ['./mlruns', '/w/mlruns'],
    ['mlruns', '/w/mlruns'],
    ['/a/b%20c', '/a/b c'],
    ['file:///a/b%20c/%C3%BC', '/a/b c/ü'],
    ['file:mlruns', '/w/mlruns'],
    ['file://localhost/a', '/a'],
    ['/a/100%', '/a/100%'],
    ['FILE:///a', '/a'],
  ])('%s is %s', (uri, path) => expect(fileStorePath(uri, '/w')).toBe(path));

  it.each(['sqlite:///mlflow.db', 'http://host:5000', 's3://bucket/a', ''])('%s is none', (uri) =>
    expect(fileStorePath(uri, '/w')).toBeNull(),
  );

  it.each(['file://other/a', 'file:///a?b', 'file:///a#b'])('%s is refused', (uri) =>
    expect(() => fileStorePath(uri, '/w')).toThrow(expect.objectContaining({ exitCode: 2 })),
  );

  it('opens by a path that is encoded, and by a link', async () => {
    const uri = `file://${root.split('/').map(encodeURIComponent).join('/')}`;
    expect((await openFileStore(fileStorePath(uri, '/') as string, '/')).root).toBe(root);
    symlinkSync(root, join(base, 'link'));
    const linked = await openFileStore(join(base, 'link'), '/');
    expect(linked.root).toBe(root);
    expect((await named(linked, 'run', rules())).go).toContain('old-run');
  });

  it('refuses what is no file store', async () => {
    await expect(open(join(base, 'none'))).rejects.toMatchObject({ exitCode: 9 });
    await expect(open(join(root, '0', 'meta.yaml'))).rejects.toMatchObject({ exitCode: 10 });
    await expect(open(join(base, 'elsewhere'))).rejects.toMatchObject({ exitCode: 10 });
    await expect(open(dirname(base))).rejects.toMatchObject({ exitCode: 10 });
  });
});

describe('what goes', () => {
  const deleted = ['away-run', 'holding-run', 'mixed-run', 'old-run', 'plain-run', 'registered-run'];

  it('without an age: all that is deleted', async () => {
    expect((await named(store, 'run', rules())).go).toEqual(
      [...deleted, 'undated-run', 'young-run', umlauts].sort(),
    );
    expect((await named(store, 'model', rules())).go).toEqual(
      ['away-model', 'old-model', 'plain-model', 'registered-model'].sort(),
    );
    expect(await named(store, 'experiment', rules())).toEqual({
      go: ['deleted-plain', 'deleted-with-young-run'],
      stay: { 'deleted-with-active-model': 'it holds 1 logged model that is not deleted' },
    });
    expect(await named(store, 'job', rules({ jobs: true }))).toEqual({ go: [], stay: {} });
  });

  it('with an age: what is younger stays, and what is undated', async () => {
    const { go, stay } = await named(store, 'run', rules({ cutoff }));
    expect(go).toEqual([...deleted.filter((name) => name !== 'mixed-run'), umlauts].sort());
    expect(Object.keys(stay).sort()).toEqual(['mixed-run', 'undated-run', 'young-run']);
    expect(stay['undated-run']).toContain('--undated');
    expect(stay['young-run']).toMatch(/^deleted 2025-11-18T.*, after 2025-10-29/);
    expect((await named(store, 'run', rules({ cutoff, undated: true }))).go).toContain('undated-run');
    const { stay: held } = await named(store, 'experiment', rules({ cutoff }));
    expect(held['deleted-with-young-run']).toBe(
      'it holds 1 run that was deleted too late or at an unknown time',
    );
  });

  it('keeps what is registered', async () => {
    const registered = await registeredInFiles(store);
    expect([...registered.runs]).toEqual([[idOf('registered-run'), 'best version 1']]);
    expect([...registered.models]).toEqual([[idOf('registered-model'), 'best version 2']]);
    const runs = await named(store, 'run', rules({ registered }));
    expect(runs.go).toContain('old-run');
    expect(runs.stay['registered-run']).toContain('registered as best version 1');
    expect((await named(store, 'model', rules({ registered }))).stay['registered-model']).toContain(
      'version 2',
    );
    const inside = { runs: new Map([[idOf('plain-run'), 'other version 1']]), models: new Map() };
    expect((await named(store, 'experiment', rules({ registered: inside }))).stay['deleted-plain']).toContain(
      'registered as other version 1',
    );
    writeFileSync(join(root, 'models', 'best', 'version-1', 'meta.yaml'), ': [');
    await expect(registeredInFiles(store)).rejects.toMatchObject({ exitCode: 10 });
  });

  it('takes those that are named, and what is in a named experiment', async () => {
    const ids = { run: ['active-run', 'old-run'].map(idOf), experiment: [idOf('deleted-plain')] };
    const { go, stay } = await named(
      store,
      'run',
      rules({ ids: { ...ids, run: [...ids.run, 'nope', '../x'] } }),
    );
    expect(go).toEqual(['old-run', 'plain-run']);
    expect(stay).toEqual({
      'active-run': 'the run is not deleted',
      nope: 'there is no such run',
      '../x': 'there is no such run',
    });
    expect((await named(store, 'model', rules({ ids }))).go).toEqual(['plain-model']);
    expect((await named(store, 'experiment', rules({ ids: { run: ids.run } }))).go).toEqual([]);
    expect((await named(store, 'experiment', rules({ ids: { experiment: ['0'] } }))).stay).toEqual({
      '0': 'the experiment is not deleted',
    });
    expect(
      (await named(store, 'run', rules({ workspace: 'team', ids: { run: [idOf('old-run')] } }))).stay,
    ).toEqual({ 'old-run': 'there is no such run in workspace team' });
    expect((await named(store, 'run', rules({ workspace: 'team' }))).go).toEqual([]);
  });

  it('says with --include-active-models which models go along', async () => {
    const which = rules({ activeModels: 'go' });
    expect((await named(store, 'experiment', which)).go).toContain('deleted-with-active-model');
    const models = await activeModelsIn(store, [idOf('deleted-with-active-model')]);
    expect(models.map(({ id }) => id)).toEqual([idOf('holding-model')]);
  });

  it('tells of artifacts that lie elsewhere, and of no others', async () => {
    const runs = (await everything(store, 'run', rules())).items.filter(({ artifactUri }) => artifactUri);
    const encoded = base.split('/').map(encodeURIComponent).join('/');
    expect(runs.map(({ artifactUri }) => artifactUri)).toEqual([
      `file://${encoded}/elsewhere/${idOf('away-run')}/artifacts`,
    ]);
    expect((await everything(store, 'run', rules())).items.find(({ id }) => id === idOf(umlauts))?.name).toBe(
      umlauts,
    );
    const meta = join(root, '0', idOf('old-run'), 'meta.yaml');
    const other = `${root}/0/${idOf('young-run')}/artifacts`;
    writeFileSync(meta, readFileSync(meta, 'utf8').replace(/^artifact_uri: .*$/m, `artifact_uri: ${other}`));
    const again = (await everything(store, 'run', rules())).items.find(({ id }) => id === idOf('old-run'));
    expect(again?.artifactUri).toBe(other);
  });

  it('tells of artifacts of traces that lie elsewhere', async () => {
    const traces = join(root, '.trash', idOf('deleted-plain'), 'traces');
    const all = async () => {
      const found = [];
      for await (const page of filedTracePlaces(store, idOf('deleted-plain'))) found.push(...page);
      return found;
    };
    expect(await all()).toEqual([]);
    mkdirSync(join(traces, 'tr-1', 'tags'), { recursive: true });
    writeFileSync(join(traces, 'tr-1', 'tags', 'mlflow.artifactLocation'), 's3://b/1/traces/tr-1/artifacts');
    expect(await all()).toEqual([{ owner: 'tr-1', uri: 's3://b/1/traces/tr-1/artifacts' }]);
  });
});

describe('what cannot be judged stays and is named', () => {
  const change = (text: (old: string) => string | Buffer) => {
    const meta = join(root, '0', idOf('old-run'), 'meta.yaml');
    writeFileSync(meta, text(readFileSync(meta, 'utf8')));
  };
  it.each<[string, (old: string) => string | Buffer, string]>([
    ['no YAML', () => 'a: [b', 'it is not YAML'],
    ['a list', () => '- a\n', 'it holds no keys and values'],
    ['empty', () => '', 'it is empty'],
    ['no UTF-8', () => Buffer.from([0x61, 0x3a, 0x20, 0xff]), 'it is not UTF-8'],
    ['too large', (old) => `${old}x: ${'y'.repeat(1 << 20)}\n`, 'bytes'],
    ['twice the same key', (old) => `${old}lifecycle_stage: active\n`, 'it is not YAML'],
    ['another id', (old) => old.replace(/^run_id: ./m, 'run_id: x'), 'names run x'],
    [
      'another experiment',
      (old) => old.replace(/^experiment_id: .*/m, 'experiment_id: "7"'),
      'names experiment 7',
    ],
    [
      'an unknown stage',
      (old) => old.replace(/^lifecycle_stage: .*/m, 'lifecycle_stage: gone'),
      'lifecycle_stage',
    ],
    ['no time', (old) => old.replace(/^deleted_time: .*/m, 'deleted_time: soon'), 'deleted_time'],
  ])('%s', async (_, text, why) => {
    change(text);
    const { go, stay } = await named(store, 'run', rules());
    expect(go).not.toContain('old-run');
    expect(go).toContain('young-run');
    expect(stay['old-run']).toContain(why);
    expect(stay['old-run']).toContain(join(root, '0', idOf('old-run')));
  });

  it('a run without meta.yaml, but not a directory of artifacts', async () => {
    rmSync(join(root, '0', idOf('old-run'), 'meta.yaml'));
    mkdirSync(join(root, '0', 'plots'));
    const { stay } = await named(store, 'run', rules());
    expect(stay['old-run']).toContain('it has no meta.yaml');
    expect(Object.keys(stay)).toEqual(['old-run']);
  });

  it('a link, and what is behind one', async () => {
    const run = join(root, '0', idOf('old-run'));
    renameSync(run, join(base, 'moved'));
    symlinkSync(join(base, 'moved'), run);
    expect((await named(store, 'run', rules())).stay['old-run']).toContain('symbolic link');
    const away = join(root, idOf('away'));
    renameSync(away, join(base, 'away'));
    symlinkSync(join(base, 'away'), away);
    expect((await named(store, 'run', rules())).go).not.toContain('away-run');
    expect((await named(store, 'experiment', rules())).stay.away).toContain('symbolic link');
    const { stay } = await named(store, 'run', rules({ ids: { run: [idOf('away-run')] } }));
    expect(stay['away-run']).toContain(`${away} is a symbolic link`);
  });

  it('an experiment that is half deleted, twice there, or holds what is malformed', async () => {
    const plain = join(root, '.trash', idOf('deleted-plain'));
    cpSync(plain, join(root, basename(plain)), { recursive: true });
    expect((await named(store, 'experiment', rules())).stay['deleted-plain']).toContain('have the same id');
    rmSync(plain, { recursive: true });
    expect((await named(store, 'experiment', rules())).stay['deleted-plain']).toContain(
      'the deletion was cut off',
    );
    const mixed = join(root, '.trash', idOf('deleted-with-young-run'));
    writeFileSync(join(mixed, idOf('mixed-run'), 'meta.yaml'), ': [');
    expect((await named(store, 'experiment', rules())).stay['deleted-with-young-run']).toContain(
      'cannot be judged',
    );
    const held = join(root, '.trash', idOf('deleted-with-active-model'), 'meta.yaml');
    writeFileSync(held, readFileSync(held, 'utf8').replace('stage: deleted', 'stage: active'));
    expect((await named(store, 'experiment', rules())).stay['deleted-with-active-model']).toBe(
      'the experiment is not deleted',
    );
  });

  it('takes an id that looks like a number as text', async () => {
    const id = '12345678901234567890123456789e12';
    const [from, to] = [join(root, '0', idOf('old-run')), join(root, '0', id)];
    renameSync(from, to);
    const meta = join(to, 'meta.yaml');
    writeFileSync(meta, readFileSync(meta, 'utf8').replaceAll(idOf('old-run'), id));
    expect((await named(store, 'run', rules())).go).toContain(id);
  });
});

import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ArtifactStores } from '../../src/artifacts/open.js';
import type { ArtifactOptions, ArtifactStore } from '../../src/artifacts/store.js';
import { collect, failing } from './contract.js';

let home: string;
let store: ArtifactStore;
const file = async (...parts: string[]): Promise<string> => {
  const path = join(home, ...parts);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, 'content');
  return path;
};
const withOptions = (options: ArtifactOptions): Promise<ArtifactStore> =>
  new ArtifactStores(options).of(home);

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'mltrack-safety-'));
  store = await withOptions({ never: [join(home, 'mlruns', '0')] });
});
afterEach(() => rm(home, { recursive: true, force: true }));

describe('removing local artifacts', () => {
  it('unlinks a link and leaves what it points to', async () => {
    const outside = await file('outside', 'precious.txt');
    await file('mlruns', '0', 'run', 'artifacts', 'a.txt');
    const item = join(home, 'mlruns', '0', 'run', 'artifacts');
    await symlink(join(home, 'outside'), join(item, 'directory'));
    await symlink(outside, join(item, 'file'));
    await symlink(join(home, 'nowhere'), join(item, 'dangling'));
    await symlink(item, join(item, 'loop'));
    expect((await store.measure(item)).files).toBe(5);
    expect(await store.remove(item)).toEqual({ files: 5, bytes: 'content'.length });
    expect(existsSync(item)).toBe(false);
    expect(await readFile(outside, 'utf8')).toBe('content');
  });

  it.each([
    ['the run directory', 'mlruns/0/run', 'mlruns/0/run/artifacts'],
    ['the artifacts themselves', 'mlruns/0/run/artifacts', 'mlruns/0/run/artifacts'],
    ['a directory between', 'mlruns/0/models', 'mlruns/0/models/m-1/artifacts'],
  ])('refuses where %s is a link', async (_, link, item) => {
    const rest = item.slice(link.length);
    const precious = await file('elsewhere', rest, 'precious.txt');
    await mkdir(dirname(join(home, link)), { recursive: true });
    await symlink(join(home, 'elsewhere'), join(home, link));
    const error = await failing(store.remove(join(home, item)));
    expect(error.kind).toBe('refused');
    expect(error.message).toMatch(/symbolic link/);
    expect(await readFile(precious, 'utf8')).toBe('content');
  });

  it('works where the root itself is reached by a link, and still knows what must survive there', async () => {
    await file('disk', '0', 'run', 'artifacts', 'a.txt');
    await file('disk', '1', 'run', 'artifacts', 'b.txt');
    await symlink(join(home, 'disk'), join(home, 'linked'));
    const linked = await withOptions({
      never: [join(home, 'linked', '0'), join(home, 'disk', '1', 'run', 'artifacts')],
    });
    expect((await linked.remove(join(home, 'linked', '0', 'run', 'artifacts'))).files).toBe(1);
    const error = await failing(linked.remove(join(home, 'linked', '1', 'run', 'artifacts')));
    expect(error.message).toMatch(/must survive/);
    expect(existsSync(join(home, 'disk', '1', 'run', 'artifacts', 'b.txt'))).toBe(true);
  });

  it.each([
    ['/', /must survive|system/],
    ['//', /must survive|system/],
    ['/etc', /system/],
    ['/etc/mltrack-no-such/x', /system/],
    ['/usr/lib/mltrack-no-such', /system/],
    ['/tmp', /must survive|system/],
    ['/mltrack-no-such', /below the root/],
    ['file:///home', /system/],
    ['file:///%65tc', /system/],
    [homedir(), /system|home directory/],
    [dirname(homedir()), /must survive|system|home directory/],
    ['.', /working directory|system|mltrack itself/],
    ['src/..', /\.\./],
    [join(process.cwd(), '..'), /working directory|system|below the root|must survive/],
  ])('refuses %s', async (path, why) => {
    const error = await failing(store.remove(path));
    expect(error.kind).toBe('refused');
    expect(error.message).toMatch(why);
  });

  it('takes a single file, as MLflow does', async () => {
    const path = await file('mlruns', '0', 'run', 'artifacts');
    expect(await store.measure(path)).toMatchObject({ files: 1, bytes: 7 });
    expect(await store.remove(path)).toEqual({ files: 1, bytes: 7 });
    expect(existsSync(join(home, 'mlruns', '0', 'run'))).toBe(true);
  });

  it('empties directories without files and takes a relative path from the working directory', async () => {
    await mkdir(join(home, 'mlruns', '0', 'run', 'artifacts', 'a', 'b', 'c'), { recursive: true });
    const relative = await withOptions({ cwd: home });
    expect(await relative.remove('./mlruns/0/run/artifacts')).toEqual({ files: 0, bytes: 0 });
    expect(existsSync(join(home, 'mlruns', '0', 'run', 'artifacts'))).toBe(false);
  });

  it('copes with a server that goes on writing', async () => {
    const item = join(home, 'mlruns', '0', 'run', 'artifacts');
    for (let i = 0; i < 200; i++) await file('mlruns', '0', 'run', 'artifacts', `${i}`);
    let late = 3;
    const removed = await store.remove(item, {
      onRemoved: () => {
        if (late-- > 0) void writeFile(join(item, `late-${late}`), 'content').catch(() => {});
      },
    });
    expect(removed.files).toBeGreaterThanOrEqual(200);
    expect(existsSync(item)).toBe(false);
  });

  it('walks three hundred directories deep', async () => {
    let path = join(home, 'mlruns', '0', 'run', 'artifacts');
    for (let i = 0; i < 300; i++) path = join(path, 'd');
    await mkdir(path, { recursive: true });
    await writeFile(join(path, 'deep.txt'), 'content');
    const item = join(home, 'mlruns', '0', 'run', 'artifacts');
    const [only, ...more] = await collect(store.list(item));
    expect(more).toEqual([]);
    expect(only?.path.split('/')).toHaveLength(301);
    expect((await store.remove(item)).files).toBe(1);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ArtifactError } from '../../src/artifacts/failure.js';
import { ArtifactStores } from '../../src/artifacts/open.js';
import type { ArtifactOptions, ArtifactStore, Removed } from '../../src/artifacts/store.js';
import type { ArtifactServer } from '../support/artifact-server.js';

/** Pauses that a test can wait for. */
export const quick = { attempts: 5, baseMs: 5, maxMs: 40, timeoutMs: 5000 };

export const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
};

/** The error of a promise that must fail. */
export const failing = (work: Promise<unknown>): Promise<ArtifactError> =>
  work.then(
    (value) => Promise.reject(new Error(`it was to fail, and gave ${JSON.stringify(value)}`)),
    (error) => error as ArtifactError,
  );

interface Traits {
  /** The store tells when a file was written. */
  readonly times: boolean;
  /** Keys that a file system or an API of paths cannot have are left out. */
  readonly anyKey: boolean;
  /** MLflow's server decodes names until nothing changes, and refuses `#`: such names cannot be there. */
  readonly plainKeys?: boolean;
  /** All goes by one request, which nothing can stop half-way. */
  readonly oneRequest?: boolean;
  /** More than one page and one batch; the default is two pages of 1000. */
  readonly many?: number;
}

/** What every store must do, on a real server of it. */
export function describeStore(title: string, start: () => Promise<ArtifactServer>, traits: Traits): void {
  describe(title, () => {
    let server: ArtifactServer;
    let stores: ArtifactStores;
    const opened: ArtifactStores[] = [];
    const at = (path: string): string => `${server.root}/${path}`;
    const using = async (path: string, options: ArtifactOptions = {}): Promise<ArtifactStore> => {
      const made = new ArtifactStores({ ...server.options, retry: quick, ...options });
      opened.push(made);
      return made.of(at(path));
    };
    const names = async (path: string): Promise<string[]> => {
      const store = await stores.of(at(path));
      return (await collect(store.list(at(path)))).map((file) => file.path).sort();
    };
    const put = async (...keys: string[]): Promise<void> => {
      for (const key of keys) await server.put(key, `of ${key}`);
    };
    const faulty = (faults: NonNullable<ArtifactServer['proxy']>['faults']): void => {
      const { proxy } = server;
      if (!proxy) throw new Error('no network to spoil');
      proxy.forget();
      proxy.faults = faults;
    };

    beforeAll(async () => {
      server = await start();
      stores = new ArtifactStores({ ...server.options, retry: quick });
    }, 150_000);
    afterAll(async () => {
      for (const one of [stores, ...opened]) await one?.close();
      await server?.stop();
    });

    it('measures, lists, and removes exactly what is below', async () => {
      await put('1/foo/artifacts/a.txt', '1/foo/artifacts/model/MLmodel', '1/foo/artifacts/model/data/w.bin');
      await put('1/foo/artifacts2/b.txt', '1/foobar/artifacts/c.txt', '1/foo/artifacts.txt');
      const uri = at('1/foo/artifacts');
      const store = await stores.of(uri);
      const bytes = 'of 1/foo/artifacts/'.length * 3 + 'a.txtmodel/MLmodelmodel/data/w.bin'.length;
      const measured = await store.measure(uri);
      expect({ files: measured.files, bytes: measured.bytes }).toEqual({ files: 3, bytes });
      if (traits.times) expect(Date.now() - (measured.newest as Date).getTime()).toBeLessThan(60_000);
      else expect(measured.newest).toBeNull();
      expect(await names('1/foo/artifacts')).toEqual(['a.txt', 'model/MLmodel', 'model/data/w.bin']);
      const told: Removed[] = [];
      expect(await store.remove(uri, { onRemoved: (batch) => told.push(batch), owner: 'foo' })).toEqual({
        files: 3,
        bytes,
      });
      expect(told.reduce((sum, batch) => sum + batch.files, 0)).toBe(3);
      expect(told.reduce((sum, batch) => sum + batch.bytes, 0)).toBe(bytes);
      expect(await names('1/foo/artifacts')).toEqual([]);
      expect(await names('1/foo/artifacts2')).toEqual(['b.txt']);
      expect(await names('1/foobar')).toEqual(['artifacts/c.txt']);
      expect((await collect(store.children(at('1/foo')))).map(({ name }) => name)).toContain('artifacts.txt');
    });

    it('takes what is not there as done', async () => {
      const store = await stores.of(at('1/never/artifacts'));
      expect(await store.measure(at('1/never/artifacts'))).toEqual({ files: 0, bytes: 0, newest: null });
      expect(await store.remove(at('1/never/artifacts'))).toEqual({ files: 0, bytes: 0 });
      expect(await collect(store.children(at('1/never')))).toEqual([]);
    });

    it('removes names that need escaping', async () => {
      const odd = ['ä ö.txt', 'x+y&z=1.txt', '日本/模型.bin', 'a b/ c'];
      if (!traits.plainKeys) odd.push('100%.txt', 'a%2Fb', "it's #1?.txt");
      if (traits.anyKey) odd.push('d//e.txt', 'marker/');
      await put(...odd.map((name) => `2/odd/artifacts/${name}`), '2/odd/keep.txt');
      expect(await names('2/odd/artifacts')).toEqual([...odd].sort());
      const store = await stores.of(at('2/odd/artifacts'));
      expect((await store.remove(at('2/odd/artifacts'))).files).toBe(odd.length);
      expect(await names('2/odd')).toEqual(['keep.txt']);
    });

    it('lists the names directly below, and no deeper', async () => {
      await put('3/r1/artifacts/x', '3/r2/artifacts/deep/y', '3/models/m-1/artifacts/z', '3/file.txt');
      const found = await collect((await stores.of(at('3'))).children(at('3')));
      expect(found.sort((a, b) => a.name.localeCompare(b.name))).toEqual([
        { name: 'file.txt', directory: false },
        { name: 'models', directory: true },
        { name: 'r1', directory: true },
        { name: 'r2', directory: true },
      ]);
    });

    const many = traits.many ?? 1203;
    it(`removes more than a page and a batch, ${many} files; stops when asked, and goes on when called again`, async () => {
      const keys = Array.from({ length: many }, (_, i) => `4/many/artifacts/${i % 7}/${i}.txt`);
      for (let i = 0; i < many; i += 20) await Promise.all(keys.slice(i, i + 20).map((key) => put(key)));
      const uri = at('4/many/artifacts');
      const store = await using('4/many/artifacts', { concurrency: 1 });
      expect((await store.measure(uri)).files).toBe(many);
      const stop = new AbortController();
      const reason = new Error('stop, please');
      if (traits.oneRequest) stop.abort(reason);
      let told = 0;
      const onRemoved = ({ files }: Removed): void => {
        told += files;
        stop.abort(reason);
      };
      expect(await failing(store.remove(uri, { signal: stop.signal, onRemoved }))).toBe(reason);
      const left = (await store.measure(uri)).files;
      expect(left).toBe(many - told);
      expect(left).toBeGreaterThan(0);
      if (!traits.oneRequest) expect(told).toBeGreaterThan(0);
      const again = await using('4/many/artifacts', { concurrency: 4 });
      expect((await again.remove(uri)).files).toBe(left);
      expect(await names('4/many')).toEqual([]);
    });

    it.each([
      ['a parent', '1/../2/odd'],
      ['an escaped parent', '1/%2e%2e/2'],
      ['one escaped twice', '1/%252e%252e/2'],
      ['one by a backslash', '1/..\\2'],
      ['a control character', '1/a\u0001b/artifacts'],
    ])('refuses %s', async (_, path) => {
      await put('2/odd/stays.txt');
      const error = await failing(stores.of(at(path)).then((store) => store.remove(at(path))));
      expect(error).toBeInstanceOf(ArtifactError);
      expect(error.kind).toBe('refused');
      expect(await names('2/odd')).toContain('stays.txt');
    });

    it('refuses places that must survive, what holds them, and what the owner is not named in', async () => {
      await put('5/run/artifacts/a', '5/run/artifacts/sub/b');
      const store = await using('5', { never: [at('5/run/artifacts/sub'), at('5/')] });
      for (const path of ['5', '5/', '5//', '5/run', '5/run/artifacts', '5/run/artifacts/sub/']) {
        const error = await failing(store.remove(at(path)));
        expect([path, error.kind]).toEqual([path, 'refused']);
        expect(error.message).toMatch(/must survive/);
      }
      const stranger = await failing(store.remove(at('5/other/artifacts'), { owner: 'run' }));
      expect(stranger.message).toMatch(/does not name run/);
      expect(await names('5/run/artifacts')).toEqual(['a', 'sub/b']);
    });

    it('says that a bucket is missing', async ({ skip }) => {
      if (!server.missing) return skip('here are no buckets');
      const uri = `${server.missing}/1/run/artifacts`;
      const missing = await new ArtifactStores({ ...server.options, retry: quick }).of(uri);
      for (const work of [() => missing.measure(uri), () => missing.remove(uri)]) {
        const error = await failing(work());
        expect(error.kind).toBe('bucket');
        expect(error.exitCode).toBe(8);
        expect(error.message).toContain(uri);
      }
    });

    it('comes back after 503, 500, 429, resets and a cut-off listing', async ({ skip }) => {
      const { proxy } = server;
      if (!proxy) return skip('here is no network');
      const faults = [
        ...[server.slowDown, { status: 500 }, { reset: true }, { cutAfter: 150 }],
        ...[null, { status: 429 }, { reset: true }, server.slowDown],
      ] as const;
      await put('7/run/artifacts/a', '7/run/artifacts/b', '7/run/artifactsX');
      const store = await using('7/run/artifacts', { concurrency: 1 });
      faulty((_, count) => faults[count - 1] ?? null);
      expect((await store.remove(at('7/run/artifacts'))).files).toBeLessThanOrEqual(2);
      expect(proxy.seen.length).toBeGreaterThan(faults.length - 1);
      faulty(() => null);
      expect(await names('7/run/artifacts')).toEqual([]);
      expect(await collect(store.children(at('7/run')))).toEqual([{ name: 'artifactsX', directory: false }]);
    });

    it('does not ask again after 403, and shows no secret', async ({ skip }) => {
      const { proxy } = server;
      if (!proxy) return skip('here is no network');
      await put('8/run/artifacts/a');
      const store = await using('8/run/artifacts');
      faulty(() => server.denied);
      const error = await failing(store.remove(at('8/run/artifacts')));
      expect(error.kind).toBe('denied');
      expect(proxy.seen).toHaveLength(1);
      expect(JSON.stringify([error.message, error.hints, error.stack])).not.toContain(server.secret);
      faulty(() => null);
      expect(await names('8/run/artifacts')).toEqual(['a']);
    });

    it.each([
      ['an answer that never comes', { hangMs: 60_000 }, /no answer within 0.3 s|timeout|timed out/i],
      ['a server that only fails', { status: 500 }, /500/],
      ['a connection that only breaks', { reset: true }, /ECONNRESET|socket hang up/],
      ['a listing that is always cut off', { cutAfter: 30 }, /./],
    ] as const)('gives up on %s, and removes nothing', async (_, fault, said) => {
      const { proxy } = server;
      if (!proxy) return;
      await put('9/run/artifacts/a');
      const retry = { ...quick, attempts: 3, timeoutMs: 300 };
      const store = await using('9/run/artifacts', { retry });
      faulty(() => fault);
      const error = await failing(store.remove(at('9/run/artifacts')));
      expect(error.message).toMatch(said);
      expect(error.message).toMatch(/tried 3 times/);
      expect(proxy.seen).toHaveLength(3);
      faulty(() => null);
      expect(await names('9/run/artifacts')).toEqual(['a']);
    });

    it('waits for a slow server', async ({ skip }) => {
      if (!server.proxy) return skip('here is no network');
      await put('10/run/artifacts/a');
      const store = await using('10/run/artifacts');
      faulty(() => ({ slowMs: 200 }));
      expect((await store.remove(at('10/run/artifacts'))).files).toBe(1);
      faulty(() => null);
    });
  });
}

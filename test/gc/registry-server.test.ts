import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { registryUri } from '../../src/core/gc/registry.js';
import { registeredOnServer } from '../../src/core/gc/registry-server.js';
import {
  type Behaviour,
  type RegistryApi,
  registryApi,
  type ServedVersion,
} from '../support/registry-api.js';
import { daysAgo, gc, gcWorld, idOf, type Ran } from './plan-world.js';

const left: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of left.splice(0).reverse()) await end();
});

async function serving(...args: Parameters<typeof registryApi>): Promise<RegistryApi> {
  const api = await registryApi(...args);
  left.push(() => api.stop());
  return api;
}

const retry = { attempts: 3, baseMs: 1, maxMs: 2, timeoutMs: 5000 };
const read = (api: { readonly uri: string }, more: object = {}) =>
  registeredOnServer(api.uri, { env: {}, signal: new AbortController().signal, retry, ...more });
const version = (name: string, number: number, more: Partial<ServedVersion> = {}): ServedVersion => ({
  ...{ name, version: String(number), source: '' },
  ...more,
});
const many = (n: number) =>
  Array.from({ length: n }, (_, i) =>
    version(`m${String(i).padStart(3, '0')}`, 1, { run_id: idOf(`r${i}`) }),
  );
const model = (short: string) => `m-${idOf(short)}`;

describe('a registry behind a server', () => {
  it('reads runs and models by each of the ways a version names them', async () => {
    const versions = [
      version('a', 1, { run_id: idOf('one') }),
      version('a', 2, { source: `s3://b/1/${idOf('two')}/artifacts/model` }),
      version('b', 1, { source: `models:/${model('three')}` }),
      version('b', 2, { model_id: model('four'), source: 'elsewhere' }),
      version('c', 1, { source: 'models:/gone/7', storage: `s3://b/1/models/${model('five')}/artifacts` }),
      version('c', 2, { source: 'models:/gone@champion', storage: `mlflow-artifacts:/1/${idOf('six')}/x` }),
    ];
    const api = await serving({ versions });
    const found = await read(api);
    expect(Object.fromEntries(found.runs)).toEqual({
      [idOf('one')]: 'a version 1',
      [idOf('two')]: 'a version 2',
      [idOf('six')]: 'c version 2',
    });
    expect(Object.fromEntries(found.models)).toEqual({
      [model('three')]: 'b version 1',
      [model('four')]: 'b version 2',
      [model('five')]: 'c version 1',
    });
    expect(api.requests.filter(({ path }) => path.includes('download-uri'))).toHaveLength(2);
  });

  it('reads all pages, below a path and with a slash at the end', async () => {
    const api = await serving({ versions: many(25) });
    const found = await read({ uri: `${api.uri}/prefix/` }, { pageSize: 10 });
    expect([...found.runs.keys()]).toEqual(many(25).map(({ run_id }) => run_id));
  });

  it('misses no version where another is deleted between two pages', async () => {
    const versions = many(25);
    const behaviour: Behaviour = {
      versions,
      onPage: (page) => {
        if (page === 2) versions.shift();
      },
    };
    const found = await read(await serving(behaviour), { pageSize: 10 });
    expect([...found.runs.keys()].sort()).toEqual(
      many(25)
        .map(({ run_id }) => run_id)
        .sort(),
    );
  });

  it('reads every workspace, and asks no other server for one', async () => {
    const api = await serving({
      workspaces: {
        default: [version('a', 1, { run_id: idOf('one') })],
        team: [version('a', 1, { run_id: idOf('two'), source: 'models:/x/1' })],
        empty: [],
      },
    });
    const found = await read(api);
    expect([...found.runs.keys()]).toEqual([idOf('one'), idOf('two')]);
    const asked = api.requests.filter(({ path }) => path.includes('download-uri'));
    expect(asked.map(({ headers }) => headers['x-mlflow-workspace'])).toEqual(['team']);
  });

  it.each([
    ['in the URI', (uri: string) => uri.replace('//', '//us%40er:p%3Ass@'), {}],
    ['in variables', (uri: string) => uri, { USERNAME: 'us@er', PASSWORD: 'p:ss' }],
  ])('logs in by name and password %s', async (_, uriOf, variables) => {
    const env = Object.fromEntries(Object.entries(variables).map(([k, v]) => [`MLFLOW_TRACKING_${k}`, v]));
    const authorization = `Basic ${Buffer.from('us@er:p:ss').toString('base64')}`;
    const api = await serving({
      ...{ versions: many(1), authorization, user: { username: 'us@er', is_admin: true } },
    });
    expect((await read({ uri: uriOf(api.uri) }, { env })).runs.size).toBe(1);
  });

  it('logs in by token, and shows neither token nor password when that fails', async () => {
    const api = await serving({ versions: many(1), authorization: 'Bearer token-of-mine' });
    const env = { MLFLOW_TRACKING_TOKEN: 'token-of-mine' };
    expect((await read(api, { env })).runs.size).toBe(1);
    const wrong = read(
      { uri: api.uri.replace('//', '//me:secret@') },
      {
        env: { MLFLOW_TRACKING_TOKEN: 'token-of-others' },
      },
    );
    const message = await wrong.then(
      () => 'read',
      (error: Error) => error.message,
    );
    expect(message).toBe(`${api.uri} answers 401: You are not authenticated.`);
  });

  it('refuses a user from whom the server hides models', async () => {
    const api = await serving({ versions: many(1), user: { username: 'eve', is_admin: false } });
    await expect(read(api)).rejects.toThrow(/^eve is no admin of .*hides models/);
  });

  it('tries again, and gives up', async () => {
    const api = await serving({
      versions: many(1),
      instead: (_, request) => (request % 2 === 1 ? { status: 503, body: 'busy' } : null),
    });
    expect((await read(api)).runs.size).toBe(1);
    api.behaviour.instead = () => ({
      status: 500,
      body: '{"error_code":"INTERNAL_ERROR","message":"no db"}',
    });
    await expect(read(api)).rejects.toThrow('answers 500: no db (tried 3 times)');
    api.behaviour.instead = () => 'silence';
    await expect(read(api, { retry: { ...retry, timeoutMs: 30 } })).rejects.toThrow(
      /does not answer: no answer within 0.03 s \(tried 3 times\)/,
    );
    await expect(read({ uri: 'http://127.0.0.1:1' })).rejects.toThrow(/does not answer: .*ECONNREFUSED/);
  });

  it.each([
    ['something else', '{"status":"UP"}', 'something else than'],
    ['a list', '[]', 'something else than'],
    ['no JSON', '<html>welcome</html>', 'no JSON'],
    ['an empty object to everything', '{}', 'does not answer as an MLflow server'],
  ])('is not read where the server answers %s', async (_, body, says) => {
    const api = await serving({ instead: () => ({ status: 200, body }) });
    await expect(read(api)).rejects.toThrow(says);
  });

  it('ends where a page repeats itself', async () => {
    const body = JSON.stringify({ model_versions: many(1), next_page_token: '1' });
    const api = await serving({
      instead: (path) => (path.endsWith('/search') ? { status: 200, body } : null),
    });
    await expect(read(api)).rejects.toThrow('repeats a page');
  });

  it('takes an empty registry for one', async () => {
    expect((await read(await serving({ versions: [] }))).runs.size).toBe(0);
  });

  it.each([
    ['between two tries', { status: 503, body: 'busy' }],
    ['while the server is silent', 'silence'],
  ] as const)('stops at once when it is asked to, %s', async (_, answer) => {
    const stop = new AbortController();
    const api = await serving({
      instead: () => {
        setTimeout(() => stop.abort(new Error('stopped')), 10);
        return answer;
      },
    });
    const slow = { attempts: 9, baseMs: 60_000, maxMs: 60_000 };
    await expect(read(api, { signal: stop.signal, retry: slow })).rejects.toThrow('stopped');
  });

  it.each([
    ['MLFLOW_TRACKING_AUTH', 'arn'],
    ['MLFLOW_TRACKING_AWS_SIGV4', 'true'],
  ])('says that it has no %s', async (name, value) => {
    await expect(read({ uri: 'http://127.0.0.1:1' }, { env: { [name]: value } })).rejects.toThrow(
      `mltrack has no ${name}`,
    );
  });
});

describe('mltrack gc with a registry elsewhere', () => {
  async function world() {
    const made = await gcWorld('sqlite');
    left.push(() => made.drop());
    await made.experiment(1);
    for (const name of ['one', 'two']) await made.run(name, { deletedAt: daysAgo(40) });
    return made;
  }
  const kept = ({ event }: Ran) => (event.kept as { name: string }[]).map(({ name }) => name);

  it('keeps what a server says is registered, and deletes nothing when it cannot be asked', async () => {
    const made = await world();
    const api = await serving({ versions: [version('net', 1, { run_id: idOf('one') })] });
    const registry = ['--registry-store-uri', api.uri.replace('//', '//me:my-secret@'), '--json'];
    expect(kept(await gc(made, [...registry, '--dry-run']))).toEqual(['one']);
    api.behaviour.instead = () => ({
      status: 403,
      body: '{"error_code":"PERMISSION_DENIED","message":"no"}',
    });
    const refused = await gc(made, [...registry, '--yes']);
    expect(refused.error).toMatchObject({
      exitCode: 10,
      message: `the model registry cannot be read, so nothing goes: ${api.uri} answers 403: no`,
    });
    expect(await made.values('runs', 'name')).toEqual(['one', 'two']);
    const ignored = await gc(made, [...registry, '--ignore-registry', '--yes']);
    expect([ignored.error, ignored.event.gone]).toMatchObject([null, { run: 2 }]);
    expect(JSON.stringify([refused, ignored])).not.toContain('my-secret');
  });

  it('is looked for where the option says, then the server’s variable, then the clients’', () => {
    const env = { MLFLOW_REGISTRY_STORE_URI: 'b', MLFLOW_REGISTRY_URI: 'c' };
    expect(registryUri('a', env)).toBe('a');
    expect(registryUri(undefined, env)).toBe('b');
    expect(registryUri(undefined, { MLFLOW_REGISTRY_STORE_URI: '', MLFLOW_REGISTRY_URI: 'c' })).toBe('c');
    expect(registryUri(undefined, {})).toBeNull();
  });

  it('reads a directory, and says what it cannot read', async () => {
    const made = await world();
    const versionOf = join(made.root, 'registry', 'models', 'net', 'version-1');
    mkdirSync(versionOf, { recursive: true });
    writeFileSync(
      join(versionOf, 'meta.yaml'),
      `name: net\nversion: 1\nrun_id: ${idOf('two')}\ncurrent_stage: None\nsource: x\n`,
    );
    for (const uri of [join(made.root, 'registry'), `file://${join(made.root, 'registry')}`])
      expect(kept(await gc(made, ['--registry-store-uri', uri, '--dry-run', '--json']))).toEqual(['two']);
    for (const [uri, says] of [
      ['databricks-uc://profile', 'in Databricks'],
      ['uc:http://127.0.0.1:1', 'in Databricks'],
      [made.root, 'holds no model registry'],
      [join(made.root, 'none'), 'holds no model registry'],
      ['s3://bucket/registry', 'is not a database URI'],
    ] as const)
      expect((await gc(made, ['--registry-store-uri', uri, '--yes'])).error, uri).toMatchObject({
        ...{ exitCode: 10, message: expect.stringContaining(says) },
      });
    expect(await made.values('runs', 'name')).toEqual(['one', 'two']);
  });
});

const openssl = spawnSync('openssl', ['version']).status === 0;
if (!openssl) process.stderr.write('\n!!! no openssl here: the test of TLS to a registry is LEFT OUT\n\n');

describe('a registry behind TLS', () => {
  it.skipIf(!openssl)('needs a certificate that is known, or to be told that it need not be', async () => {
    const home = mkdtempSync(join(tmpdir(), 'mltrack-tls-'));
    left.push(() => rmSync(home, { recursive: true, force: true }));
    const [key, cert] = [join(home, 'key.pem'), join(home, 'cert.pem')];
    const made = spawnSync('openssl', [
      ...[
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '2',
      ],
      ...['-keyout', key, '-out', cert, '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'],
    ]);
    expect(String(made.stderr)).not.toContain('error');
    const api = await serving(
      { versions: many(1) },
      { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') },
    );
    await expect(read(api)).rejects.toThrow(/self.signed certificate/);
    expect((await read(api, { env: { MLFLOW_TRACKING_SERVER_CERT_PATH: cert } })).runs.size).toBe(1);
    expect((await read(api, { env: { MLFLOW_TRACKING_INSECURE_TLS: 'true' } })).runs.size).toBe(1);
    await expect(
      read(api, { env: { MLFLOW_TRACKING_SERVER_CERT_PATH: join(home, 'none.pem') } }),
    ).rejects.toThrow('none.pem');
  });
});

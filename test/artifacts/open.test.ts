import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ArtifactStores, openArtifacts } from '../../src/artifacts/open.js';
import { optionalPackage } from '../../src/artifacts/optional-package.js';
import { collect, failing } from './contract.js';

const route = '/api/2.0/mlflow-artifacts/artifacts';

describe('opening artifacts', () => {
  it.each([
    ...[
      'dbfs:/databricks/mlflow-tracking/1/r/artifacts',
      'dbfs:/Volumes/a/b/c',
      'hdfs://namenode:8020/x/r',
      'viewfs://c/x',
    ],
    ...[
      'ftp://user:secret@host/x/r',
      'sftp://user:secret@host/x/r',
      'r2://b@account.r2.cloudflarestorage.com/x',
    ],
    ...['b2://b/x', 'runs:/abc/model', 'models:/m/1', 'nonsense://x/y'],
  ])('refuses %s in words, without a crash', async (uri) => {
    const error = await failing(openArtifacts(uri));
    expect(error.kind).toBe('unsupported');
    expect(error.exitCode).toBe(8);
    expect(error.hints.join()).toMatch(/--keep-artifacts/);
    expect(error.message).not.toContain('secret');
  });

  it('names the package that is missing and how to install it', async () => {
    const name = 'mltrack-has-no-such-package';
    const error = await failing(optionalPackage(name, () => import(name), 's3://b/x'));
    expect(error.kind).toBe('package');
    expect(error.message).toContain(name);
    expect(error.hints[0]).toContain(`npm install ${name}`);
  });

  it('opens a place once', async () => {
    const stores = new ArtifactStores({ env: { AWS_REGION: 'eu-central-1' } });
    expect(await stores.of('s3://a/1/x')).toBe(await stores.of('s3://a/2/y'));
    expect(await stores.of('s3://b/1/x')).not.toBe(await stores.of('s3://a/1/x'));
    await stores.close();
  });

  it.each([undefined, 'sqlite:///mlflow.db'])(
    'needs a destination or a server for mlflow-artifacts: (%s)',
    async (uri) => {
      const error = await failing(openArtifacts('mlflow-artifacts:/0/r/artifacts', { trackingUri: uri }));
      expect(error.kind).toBe('unsupported');
      expect(error.hints.join()).toMatch(/--artifacts-destination.*--tracking-uri/);
    },
  );

  it('refuses an http address that is no artifacts API, and a destination behind a server', async () => {
    expect((await failing(openArtifacts('https://host/files/r'))).message).toMatch(/mlflow-artifacts/);
    const circular = openArtifacts('mlflow-artifacts:/0/r', { artifactsDestination: 'mlflow-artifacts:/x' });
    expect((await failing(circular)).message).toMatch(/itself behind/);
  });

  it('refuses an Azure account other than the connection string’s', async () => {
    const env = {
      AZURE_STORAGE_CONNECTION_STRING:
        'DefaultEndpointsProtocol=https;AccountName=mine;AccountKey=c2VjcmV0;EndpointSuffix=core.windows.net',
    };
    const error = await failing(openArtifacts('wasbs://c@other.blob.core.windows.net/x/r', { env }));
    expect(error.message).toMatch(/account mine, not other/);
    expect(error.message).not.toContain('c2VjcmV0');
  });
});

describe('an artifacts destination', () => {
  it.each([
    ['mlflow-artifacts:/0/run/artifacts', ''],
    ['mlflow-artifacts://server:5000/0/run/artifacts', ''],
    [`http://server:5000${route}/0/run/artifacts`, ''],
    [`https://server/prefix${route}/0/run/artifacts`, 'file://'],
    [`mlflow-artifacts:${route}/0/run/artifacts`, 'file://'],
  ])('%s lies below it', async (uri, scheme) => {
    const root = await mkdtemp(join(tmpdir(), 'mltrack 100% #1 '));
    try {
      await mkdir(join(root, '0', 'run', 'artifacts'), { recursive: true });
      await writeFile(join(root, '0', 'run', 'artifacts', 'a'), 'x');
      const artifactsDestination = scheme + root.split('/').map(encodeURIComponent).join('/');
      const stores = new ArtifactStores({ artifactsDestination });
      const store = await stores.of(uri);
      expect((await collect(store.list(uri))).map(({ path }) => path)).toEqual(['a']);
      const up = uri.replace('/0/run/artifacts', '');
      for (const root of [`${up}/`, `${up}/0/%2e%2e/`, `${up}/0/..`])
        expect((await failing(stores.of(root).then((one) => one.remove(root)))).kind).toBe('refused');
      expect(await store.remove(uri, { owner: 'run' })).toEqual({ files: 1, bytes: 1 });
      expect(existsSync(join(root, '0', 'run'))).toBe(true);
      expect(existsSync(join(root, '0', 'run', 'artifacts'))).toBe(false);
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  });
});

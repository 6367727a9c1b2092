import type { Context, OpenStore } from './context.js';
import { below, destinationOf, isProxied, translating } from './destination.js';
import { ArtifactError, shown } from './failure.js';
import { Protected } from './guard.js';
import { Health } from './health.js';
import { Limit } from './limit.js';
import { type Location, parseLocation, placeOf } from './location.js';
import { defaultRetry, retryOf } from './retry.js';
import type { ArtifactOptions, ArtifactStore } from './store.js';

const lazily =
  (load: () => Promise<{ readonly open: OpenStore }>): OpenStore =>
  async (location, context) =>
    (await load()).open(location, context);

const local = lazily(() => import('./local.js'));
const azure = lazily(() => import('./azure.js'));
const server = lazily(() => import('./tracking-server.js'));

/** Who opens which scheme. */
const openers: Readonly<Record<string, OpenStore>> = {
  '': local,
  file: local,
  s3: lazily(() => import('./s3.js')),
  gs: lazily(() => import('./gcs.js')),
  wasbs: azure,
  abfss: azure,
  'mlflow-artifacts': server,
  http: server,
  https: server,
};

/** MLflow's other schemes (mlflow/store/artifact/artifact_repository_registry.py), and what becomes of them. */
const others: Readonly<Record<string, string>> = {
  dbfs: 'Databricks keeps and deletes these itself; `mlflow gc` cannot delete there either',
  databricks: 'Databricks keeps and deletes these itself',
  hdfs: 'mltrack has no client for HDFS',
  viewfs: 'mltrack has no client for HDFS',
  ftp: 'mltrack has no client for FTP; `mlflow gc` cannot delete there either',
  sftp: 'mltrack has no client for SFTP',
  r2: 'reach the bucket as s3:// with MLFLOW_S3_ENDPOINT_URL',
  b2: 'reach the bucket as s3:// with MLFLOW_S3_ENDPOINT_URL',
  runs: 'it names a run, not a place',
  models: 'it names a model, not a place',
};

/** The stores of one run of mltrack: each opened when its first item comes, and shared by all that lie there. */
export class ArtifactStores {
  private readonly open = new Map<string, Promise<ArtifactStore>>();
  private readonly context: Omit<Context, 'limit' | 'health'>;

  constructor(options: ArtifactOptions = {}) {
    const cwd = options.cwd ?? process.cwd();
    const env = options.env ?? process.env;
    this.context = {
      env,
      concurrency: options.concurrency ?? 16,
      retry: { ...defaultRetry, ...retryOf(env), ...options.retry },
      never: new Protected([]),
      cwd,
      options,
    };
    for (const uri of [...(options.never ?? []), ...destinationOf(options)]) this.protect(uri);
  }

  /** A place that must survive; one that cannot be read as a location cannot be removed as one either. */
  protect(uri: string): void {
    try {
      this.context.never.add(placeOf(this.resolve(uri), this.context.cwd));
    } catch (error) {
      if (!(error instanceof ArtifactError)) throw error;
    }
  }

  /**
   * One spelling for one place, so that two locations can be compared.
   * @throws ArtifactError `refused` for what is no location
   */
  placeOf(uri: string): string {
    return placeOf(this.resolve(uri), this.context.cwd);
  }

  /** Whether the place must survive, or holds what must. @throws ArtifactError as `placeOf` */
  survives(uri: string): boolean {
    return this.context.never.has(this.placeOf(uri));
  }

  /**
   * The store that holds this location.
   * @throws ArtifactError: `unsupported` scheme, `package` missing, `refused` location
   */
  async of(uri: string): Promise<ArtifactStore> {
    const location = this.resolve(uri);
    const opener = openers[location.scheme];
    if (!opener) throw unsupported(location);
    const isLocal = location.scheme === '' || location.scheme === 'file';
    const translated = isProxied(parseLocation(uri)) && location.uri !== uri;
    const key = isLocal ? 'file' : `${location.scheme}://${location.authority}`;
    let store = this.open.get(key);
    if (!store) {
      const own = { limit: new Limit(this.context.concurrency), health: new Health() };
      store = opener(location, { ...this.context, ...own });
      this.open.set(key, store);
      // A failed opening is not kept: the next item may come after the package is there.
      store.catch(() => this.open.delete(key));
    }
    return translated ? translating(await store, (one) => this.resolve(one).uri) : store;
  }

  /** Where the location really is: proxied ones below the artifacts destination, if there is one. */
  private resolve(uri: string): Location {
    const location = parseLocation(uri);
    const [destination] = destinationOf(this.context.options);
    return isProxied(location) && destination ? below(destination, location, this.context.cwd) : location;
  }

  async close(): Promise<void> {
    const stores = await Promise.allSettled(this.open.values());
    await Promise.all(stores.map((one) => (one.status === 'fulfilled' ? one.value.close() : undefined)));
  }
}

/** One store for one location; for many items take `ArtifactStores`. */
export const openArtifacts = (uri: string, options: ArtifactOptions = {}): Promise<ArtifactStore> =>
  new ArtifactStores(options).of(uri);

function unsupported({ scheme, uri }: Location): ArtifactError {
  return new ArtifactError(
    'unsupported',
    uri,
    `mltrack cannot reach artifacts at ${shown(uri)}: ${others[scheme] ?? `${scheme}: is no scheme it knows`}`,
    '--keep-artifacts collects the rows and leaves the files',
  );
}

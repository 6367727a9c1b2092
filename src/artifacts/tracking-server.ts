import { asking } from './asking.js';
import type { Context, OpenStore } from './context.js';
import { artifactsRoute, proxiedPath } from './destination.js';
import { ArtifactError, refused, shown } from './failure.js';
import { checkItem } from './guard.js';
import { type HttpClient, httpClient } from './http.js';
import { type Location, parseLocation } from './location.js';
import { measured } from './measured.js';
import { defaultRetry } from './retry.js';
import type {
  ArtifactFile,
  ArtifactStore,
  Child,
  Measure,
  ReadOptions,
  Removed,
  RemoveOptions,
} from './store.js';

/**
 * Artifacts behind a running `mlflow server --serve-artifacts`, by its REST API (mlflow/server/handlers.py,
 * `_list_artifacts_mlflow_artifacts` and `_delete_artifact_mlflow_artifacts`). The API tells no times.
 */
export const open: OpenStore = async (location, context) => {
  const tracking = trackingOf(context);
  const base = baseOf(location, tracking, context);
  for (const name of ['MLFLOW_TRACKING_AUTH', 'MLFLOW_TRACKING_AWS_SIGV4'])
    if (context.env[name] && !/^(false|0)$/i.test(context.env[name] ?? ''))
      throw new ArtifactError('unsupported', location.uri, `mltrack has no ${name}`, throughDestination);
  // A name, password or token for one server is not sent to another that a row of the database names.
  const known = tracking?.host === base.host;
  const client = httpClient(base, context.env, context.concurrency, known || base.username !== '');
  // It removes a run's files one after the other before it answers; MLflow's clients wait 120 s.
  const { retry } = context;
  const patient = retry.timeoutMs === defaultRetry.timeoutMs ? { ...retry, timeoutMs: 120_000 } : retry;
  return new TrackingServerStore(client, base, location, { ...context, retry: patient });
};

const throughDestination = 'give --artifacts-destination: the place is then reached without the server';

function trackingOf({ options }: Context): URL | null {
  return /^https?:\/\//i.test(options.trackingUri ?? '') ? new URL(options.trackingUri as string) : null;
}

/** The server's address, as `MlflowArtifactsRepository.resolve_uri` finds it. */
function baseOf(location: Location, tracking: URL | null, context: Context): URL {
  const { authority, path, scheme, uri } = location;
  if (scheme !== 'mlflow-artifacts') {
    proxiedPath(location);
    return new URL(`${scheme}://${authority}${path.slice(0, path.indexOf(`${artifactsRoute}/`))}`);
  }
  if (!tracking)
    throw new ArtifactError(
      'unsupported',
      uri,
      `the artifacts at ${shown(uri)} are behind a tracking server, and ${
        context.options.trackingUri ? 'the tracking URI is no http(s) address' : 'no tracking URI is given'
      }`,
      `${throughDestination}; or give --tracking-uri http://… of the running server`,
    );
  const base = new URL(tracking);
  if (authority !== '' && authority !== tracking.host) base.host = authority;
  return base;
}

interface Entry {
  readonly path: string;
  readonly is_dir?: boolean;
  readonly file_size?: number | string;
}

class TrackingServerStore implements ArtifactStore {
  constructor(
    private readonly client: HttpClient,
    private readonly base: URL,
    private readonly home: Location,
    private readonly context: Context,
  ) {}

  measure(uri: string, options: ReadOptions = {}): Promise<Measure> {
    return measured(this.list(uri, options));
  }

  async *list(uri: string, options: ReadOptions = {}): AsyncIterable<ArtifactFile> {
    const root = this.pathOf(uri);
    const directories = [''];
    for (let below = directories.pop(); below !== undefined; below = directories.pop()) {
      const at = below;
      for (const entry of await this.entries(join(root, at), uri, options.signal))
        if (entry.is_dir) directories.push(join(at, entry.path));
        else yield { path: join(at, entry.path), bytes: Number(entry.file_size ?? 0), modified: null };
    }
  }

  async *children(uri: string, options: ReadOptions = {}): AsyncIterable<Child> {
    for (const { path, is_dir } of await this.entries(this.pathOf(uri), uri, options.signal))
      yield { name: path, directory: is_dir === true };
  }

  async remove(uri: string, options: RemoveOptions = {}): Promise<Removed> {
    checkItem(parseLocation(uri), this.context.never, this.context.cwd, options.owner);
    const root = this.pathOf(uri);
    if (root === '') throw refused(uri, 'it is the root of the server’s artifacts');
    // An older server on a bucket deletes by the bare prefix: with `foo` it took `foobar` along.
    const cut = root.lastIndexOf('/');
    const [parent, own] = [root.slice(0, Math.max(cut, 0)), root.slice(cut + 1)];
    const beside = await this.entries(parent, uri, options.signal);
    if (!beside.some(({ path }) => path === own)) return { files: 0, bytes: 0 };
    const twins = beside.some(({ path }) => path !== own && path.startsWith(own));
    return twins ? this.removeEach(root, uri, options) : this.removeWhole(root, uri, options);
  }

  async close(): Promise<void> {
    this.client.close();
  }

  private async removeWhole(root: string, uri: string, options: RemoveOptions): Promise<Removed> {
    const { files, bytes } = await this.measure(uri, options);
    await this.ask('remove', 'DELETE', `${artifactsRoute}/${encoded(root)}`, root, uri, options.signal);
    options.onRemoved?.({ files, bytes });
    return { files, bytes };
  }

  private async removeEach(root: string, uri: string, options: RemoveOptions): Promise<Removed> {
    const total = { files: 0, bytes: 0 };
    for await (const { path, bytes } of this.list(uri, options)) {
      const whole = join(root, path);
      await this.ask('remove', 'DELETE', `${artifactsRoute}/${encoded(whole)}`, whole, uri, options.signal);
      total.files++;
      total.bytes += bytes;
      options.onRemoved?.({ files: 1, bytes });
    }
    // What is left without files is a directory of a file system, and there the names are exact.
    const left = (
      await this.entries(root.slice(0, Math.max(root.lastIndexOf('/'), 0)), uri, options.signal)
    ).some(({ path }) => path === root.slice(root.lastIndexOf('/') + 1));
    if (left && (await this.measure(uri, options)).files === 0)
      await this.ask('remove', 'DELETE', `${artifactsRoute}/${encoded(root)}`, root, uri, options.signal);
    return total;
  }

  private async entries(path: string, uri: string, signal?: AbortSignal): Promise<readonly Entry[]> {
    const query = path === '' ? '' : `?path=${encodeURIComponent(path)}`;
    const { files = [] } = (await this.ask(
      'list',
      'GET',
      `${artifactsRoute}${query}`,
      path,
      uri,
      signal,
    )) as {
      files?: Entry[];
    };
    for (const entry of files)
      if (!/^[^/\\]+$/.test(entry.path) || entry.path === '..' || entry.path === '.')
        throw refused(uri, `the server lists ${shown(entry.path)}, which leads out of it`);
    return files;
  }

  /** One request, with a body that must be JSON: an answer that is cut off is asked for again. */
  private ask(
    doing: 'list' | 'remove',
    method: 'GET' | 'DELETE',
    route: string,
    path: string,
    uri: string,
    signal?: AbortSignal,
  ): Promise<unknown> {
    const url = new URL(this.base);
    [url.username, url.password] = ['', ''];
    const target = new URL(`${url.href.replace(/\/+$/, '')}${route}`);
    // With workspaces on, the server takes the workspace from the request and checks it against the path.
    const workspace = /^workspaces\/([^/]+)\//.exec(path)?.[1];
    const headers: Record<string, string> = workspace ? { 'X-MLFLOW-WORKSPACE': workspace } : {};
    return asking({ doing, uri, place: `the server ${url.host}`, signal }, this.context, async (own) => {
      const text = await this.client.call(method, target, headers, own);
      try {
        return JSON.parse(text === '' ? '{}' : text) as unknown;
      } catch {
        throw Object.assign(new Error('the answer is no JSON, or cut off'), { code: 'PARSE_ERROR' });
      }
    });
  }

  private pathOf(uri: string): string {
    const location = parseLocation(uri);
    if (location.authority !== this.home.authority || location.scheme !== this.home.scheme)
      throw refused(uri, `it is not on ${this.base.host}`);
    return proxiedPath(location);
  }
}

const join = (a: string, b: string): string => (a === '' ? b : b === '' ? a : `${a}/${b}`);
const encoded = (path: string): string => path.split('/').map(encodeURIComponent).join('/');

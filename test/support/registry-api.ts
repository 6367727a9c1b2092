import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createSecure } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface ServedVersion {
  readonly name: string;
  readonly version: string;
  readonly run_id?: string;
  readonly model_id?: string;
  readonly source?: string;
  /** What the server tells only when it is asked for this one. */
  readonly storage?: string;
}

/** What a test lets the server do. */
export interface Behaviour {
  versions?: ServedVersion[];
  /** Versions by workspace; with them the server wants the header. */
  workspaces?: Record<string, ServedVersion[]>;
  /** The only `Authorization` that is let in. */
  authorization?: string;
  /** Who `users/current` says is logged in. */
  user?: { readonly username: string; readonly is_admin: boolean };
  /** Called before each page of versions is cut. */
  onPage?: (page: number) => void;
  /** An answer in place of MLflow's own; null: MLflow's own. */
  instead?: (path: string, request: number) => { status: number; body: string } | 'silence' | null;
}

export interface RegistryApi {
  readonly uri: string;
  readonly behaviour: Behaviour;
  readonly requests: { readonly path: string; readonly headers: IncomingMessage['headers'] }[];
  stop(): Promise<void>;
}

type Answer = { status: number; body: unknown };
const missing = (what: string): Answer => ({
  status: 404,
  body: { error_code: 'RESOURCE_DOES_NOT_EXIST', message: `${what} not found` },
});

/** The part of MLflow's registry API that mltrack asks for, answering as mlflow 3.18 does (mlflow/server/handlers.py). */
export async function registryApi(
  behaviour: Behaviour,
  tls?: { readonly key: string; readonly cert: string },
): Promise<RegistryApi> {
  const requests: RegistryApi['requests'] = [];
  let pages = 0;
  const answer = (url: URL, headers: IncomingMessage['headers']): Answer => {
    if (behaviour.authorization && headers.authorization !== behaviour.authorization)
      return { status: 401, body: 'You are not authenticated.' };
    const route = url.pathname.replace(/^\/(prefix\/)?api\//, '');
    const query = url.searchParams;
    const { workspaces } = behaviour;
    const named = headers['x-mlflow-workspace'];
    if (named !== undefined && !workspaces)
      return { status: 400, body: { error_code: 'FEATURE_DISABLED', message: 'workspaces are not enabled' } };
    if (route === '3.0/mlflow/server-info')
      return { status: 200, body: { store_type: 'SqlStore', workspaces_enabled: workspaces !== undefined } };
    if (route === '3.0/mlflow/workspaces' && workspaces)
      return { status: 200, body: { workspaces: Object.keys(workspaces).map((name) => ({ name })) } };
    if (route === '2.0/mlflow/users/current' && behaviour.user)
      return { status: 200, body: { user: behaviour.user, is_basic_auth: true } };
    if (route === '2.0/mlflow/registered-models/get') return missing('Registered Model');
    const here = workspaces ? (workspaces[String(named)] ?? []) : (behaviour.versions ?? []);
    if (route === '2.0/mlflow/model-versions/get-download-uri') {
      const found = here.find(
        ({ name, version }) => name === query.get('name') && version === query.get('version'),
      );
      return found
        ? { status: 200, body: { artifact_uri: found.storage ?? found.source } }
        : missing('Version');
    }
    if (route !== '2.0/mlflow/model-versions/search') return { status: 404, body: '<h1>Not Found</h1>' };
    if (query.getAll('order_by').join() !== 'name ASC,version_number ASC')
      return { status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE', message: 'not the order' } };
    behaviour.onPage?.(++pages);
    const from = Number(query.get('page_token') ?? 0);
    const size = Number(query.get('max_results'));
    const page = here.slice(from, from + size).map(({ storage, ...version }) => version);
    const more = here.length > from + size ? { next_page_token: String(from + size) } : {};
    // MLflow's JSON leaves an empty list out.
    return { status: 200, body: { ...(page.length > 0 ? { model_versions: page } : {}), ...more } };
  };
  const listener: RequestListener = (request, response) => {
    const url = new URL(request.url ?? '/', 'http://x');
    requests.push({ path: `${url.pathname}${url.search}`, headers: request.headers });
    const instead = behaviour.instead?.(url.pathname, requests.length) ?? null;
    if (instead === 'silence') return;
    const { status, body } = instead ?? answer(url, request.headers);
    response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
  };
  const server = tls ? createSecure(tls, listener) : createServer(listener);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    uri: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    behaviour,
    requests,
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

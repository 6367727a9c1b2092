import { type ServerApi, ServerRefusal, serverApi } from '../../artifacts/server-api.js';
import { idsIn, type Registered } from './eligible-registered.js';

/** What a server returns of a version (protos/model_registry.proto), as far as it is read here. */
interface Version {
  readonly name?: string;
  readonly version?: string;
  readonly run_id?: string;
  readonly model_id?: string;
  readonly source?: string;
}

export interface ServerOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** For tests: how many versions a page holds. MLflow's own default is 10,000, its limit 200,000. */
  readonly pageSize?: number;
  readonly retry?: Parameters<typeof serverApi>[1]['retry'];
}

const [v2, v3] = ['/api/2.0/mlflow', '/api/3.0/mlflow'];

/**
 * Reads every version of a registry behind a running MLflow server, in all its workspaces, by its REST API
 * (mlflow/server/handlers.py: `_search_model_versions`; versions that were deleted it leaves out).
 *
 * @throws Error where it cannot be read whole: nothing may go then
 */
export async function registeredOnServer(uri: string, options: ServerOptions): Promise<Registered> {
  const { env, signal, retry, pageSize = 10_000 } = options;
  const api = serverApi(uri, { env, signal, ...(retry ? { retry } : {}) });
  const found = { runs: new Map<string, string>(), models: new Map<string, string>() };
  try {
    await refuseFiltered(api);
    let seen = 0;
    for (const workspace of await workspacesOf(api)) seen += await readAll(api, workspace, pageSize, found);
    if (seen === 0) await refuseStranger(api);
    return found;
  } finally {
    api.close();
  }
}

/** The workspaces to ask for; one that is undefined: the server has none. */
async function workspacesOf(api: ServerApi): Promise<(string | undefined)[]> {
  const info = await orNothing(api.get(`${v3}/server-info`));
  if ((info as { workspaces_enabled?: boolean } | null)?.workspaces_enabled !== true) return [undefined];
  const { workspaces = [] } = (await api.get(`${v3}/workspaces`)) as { workspaces?: { name: string }[] };
  return workspaces.length === 0 ? [undefined] : workspaces.map(({ name }) => name);
}

/**
 * With MLflow's basic auth a user who is no admin is shown what they may read (`filter_search_model_versions`,
 * mlflow/server/auth), and nothing says that something is missing.
 */
async function refuseFiltered(api: ServerApi): Promise<void> {
  const answer = await orNothing(api.get(`${v2}/users/current`));
  const { user } = (answer ?? {}) as { user?: { username?: string; is_admin?: boolean } };
  if (user?.is_admin === false)
    throw new Error(
      `${user.username ?? 'the user'} is no admin of ${api.place}, and MLflow hides models that a user may not read`,
    );
}

/** null where the server is older than the route, or has no such thing; a gateway before it may say so in its own way. */
async function orNothing(answer: Promise<unknown>, statuses = [400, 403, 404, 405, 501]): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ServerRefusal && statuses.includes(error.status ?? 0)) return null;
    throw error;
  }
}

type Found = Record<keyof Registered, Map<string, string>>;

/**
 * Pages are cut by offset. A version that is deleted between two pages makes the next one skip one; so a list of
 * several pages is read twice, and what either reading saw is registered.
 */
async function readAll(
  api: ServerApi,
  workspace: string | undefined,
  pageSize: number,
  found: Found,
): Promise<number> {
  let seen = 0;
  for (let reading = 0, pages = 2; reading < 2 && pages > 1; reading++) {
    pages = 0;
    for await (const page of pagesOf(api, workspace, pageSize)) {
      pages++;
      seen += page.length;
      for (const version of page) await note(api, workspace, version, found);
    }
  }
  return seen;
}

/** Ordered by what no update changes. */
const order = [
  ['order_by', 'name ASC'],
  ['order_by', 'version_number ASC'],
] as const;

async function* pagesOf(
  api: ServerApi,
  workspace: string | undefined,
  pageSize: number,
): AsyncGenerator<readonly Version[]> {
  const tokens = new Set<string>();
  for (let token = ''; ; ) {
    const answer = await api.get(
      `${v2}/model-versions/search`,
      [
        ['max_results', String(pageSize)],
        ...order,
        ...(token === '' ? [] : [['page_token', token] as const]),
      ],
      workspace,
    );
    const { model_versions = [], next_page_token = '', ...rest } = objectOf(answer, api);
    if (!Array.isArray(model_versions) || Object.keys(rest).length > 0)
      throw new Error(`${api.place} answers something else than MLflow's list of model versions`);
    yield model_versions as Version[];
    if (next_page_token === '') return;
    if (typeof next_page_token !== 'string' || tokens.has(next_page_token))
      throw new Error(`${api.place} repeats a page of its model versions without end`);
    tokens.add(next_page_token);
    token = next_page_token;
  }
}

function objectOf(answer: unknown, { place }: ServerApi): Record<string, unknown> {
  if (typeof answer === 'object' && answer !== null && !Array.isArray(answer))
    return answer as Record<string, unknown>;
  throw new Error(`${place} answers something else than MLflow's list of model versions`);
}

async function note(
  api: ServerApi,
  workspace: string | undefined,
  version: Version,
  found: Found,
): Promise<void> {
  const { name, version: number, run_id, model_id, source = '' } = version;
  const label = `${name} version ${number}`;
  if (run_id) found.runs.set(run_id, label);
  if (model_id) found.models.set(model_id, label);
  const places = [source];
  // Made from another version, which may be gone: where its files are the list does not say (`storage_location`).
  if (/^models:\/(?!m-[0-9a-f]{32}(\/|$))/.test(source)) {
    const query = [
      ['name', String(name)],
      ['version', String(number)],
    ] as const;
    // Deleted in this moment it needs nothing.
    const answer = await orNothing(api.get(`${v2}/model-versions/get-download-uri`, query, workspace), [404]);
    places.push(String((answer as { artifact_uri?: string } | null)?.artifact_uri ?? ''));
  }
  for (const place of places)
    for (const id of idsIn(place)) (id.startsWith('m-') ? found.models : found.runs).set(id, label);
}

/** An empty answer is any server's; MLflow's has its own words for a model that is not there. */
async function refuseStranger(api: ServerApi): Promise<void> {
  try {
    const answer = await api.get(`${v2}/registered-models/get`, [['name', 'mltrack']]);
    if ('registered_model' in objectOf(answer, api)) return;
  } catch (error) {
    if (!(error instanceof ServerRefusal)) throw error;
    if (error.code === 'RESOURCE_DOES_NOT_EXIST') return;
  }
  throw new Error(`${api.place} does not answer as an MLflow server with a model registry does`);
}

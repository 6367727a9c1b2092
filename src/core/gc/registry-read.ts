import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { Session } from '../../dialects/dialect.js';
import type { Stop } from '../stop.js';
import { type Registered, readRegistered } from './eligible-registered.js';
import { codeOf, fileStorePath, kindOf, modelsFolder } from './file-store.js';
import { registeredInFiles } from './file-store-registered.js';
import { registeredOnServer } from './registry-server.js';

/** How the place that a registry's URI names is reached. */
export interface Reaching {
  /** Opens the database behind the URI to read. */
  readonly open: (uri: string) => Promise<Session>;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly stop: Stop;
}

/** What a registry of its own needs: in a database, behind a running MLflow server, or in a directory. */
export async function readRegistry(uri: string, reaching: Reaching): Promise<Registered> {
  if (/^https?:/i.test(uri)) return onServer(uri, reaching);
  // The same names as `is_databricks_uri` and `is_databricks_unity_catalog_uri` (mlflow/utils/uri.py).
  if (/^(databricks(-uc)?|uc)(:|$)/i.test(uri))
    throw new Error('the registry is in Databricks, which mltrack cannot read');
  const path = fileStorePath(uri, reaching.cwd);
  return path === null ? inDatabase(uri, reaching) : inDirectory(path, reaching.cwd);
}

async function onServer(uri: string, { env, stop }: Reaching): Promise<Registered> {
  stop.check();
  const aborting = new AbortController();
  const release = stop.onRequest(() => aborting.abort(new Error('stopped')));
  try {
    return await registeredOnServer(uri, { env, signal: aborting.signal });
  } catch (error) {
    stop.check();
    throw error;
  } finally {
    release();
  }
}

async function inDirectory(path: string, cwd: string): Promise<Registered> {
  // A registry's directory need not hold an experiment (MLFLOW_REGISTRY_DIR), but always this folder.
  if ((await kindOf(join(path, modelsFolder))) === null)
    throw new Error(`${path} holds no model registry: there is no directory ${modelsFolder} in it`);
  const root = await realpath(path).catch((error: unknown) => {
    throw new Error(`${path} cannot be read: ${codeOf(error)}`);
  });
  return registeredInFiles({ root, named: path, cwd });
}

async function inDatabase(uri: string, { open }: Reaching): Promise<Registered> {
  const session = await open(uri);
  try {
    // Of another database an empty one is no answer: the URI is wrong, or the registry is elsewhere.
    if ((await session.sql.columnsOf('model_versions')).length === 0)
      throw new Error(`${session.place} has no table model_versions`);
    return await readRegistered(session);
  } finally {
    await session.close();
  }
}

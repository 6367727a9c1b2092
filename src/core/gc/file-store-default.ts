import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileStorePath } from './file-store.js';

/** The directory that a backend store URI names; null where it names something else. @throws exit 2 as `fileStorePath` */
export function fileStoreOf(uri: string, cwd: string): string | null {
  const other = /^(databricks(-uc)?|uc)(:|$)/i.test(uri) || (uri.includes('://') && !/^file:/i.test(uri));
  return other ? null : fileStorePath(uri, cwd);
}

/**
 * Where MLflow looks when nobody says where (mlflow/tracking/_tracking_service/utils.py, `_get_default_tracking_uri`):
 * `./mlruns` if an experiment is in it, whether or not there is a `mlflow.db`; null where there is neither.
 */
export function defaultStore(cwd: string): string | null {
  if (hasExperiment(join(cwd, 'mlruns'))) return './mlruns';
  return existsSync(join(cwd, 'mlflow.db')) ? 'sqlite:///mlflow.db' : null;
}

/** A SQLite server keeps artifacts in `./mlruns`, too, but no meta.yaml. */
function hasExperiment(path: string): boolean {
  try {
    return readdirSync(path).some((name) => /^\d+$/.test(name) && existsSync(join(path, name, 'meta.yaml')));
  } catch {
    return false;
  }
}

import type { Server } from '../core/guard.js';
import { findMlflow } from '../core/nearby.js';
import { findRelease, loadReleases } from '../core/releases.js';
import type { ServerOptions } from './options.js';

/** The MLflow that is named, else the one installed nearby if that counts; null where neither is. @throws exit 2 */
export async function serverOf({ mlflowVersion, mlflowNearby }: ServerOptions): Promise<Server | null> {
  const releases = await loadReleases();
  if (mlflowVersion)
    return { version: findRelease(releases, mlflowVersion), where: 'named by --mlflow-version' };
  return mlflowNearby ? findMlflow(process.env) : null;
}

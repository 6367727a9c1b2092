import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chunks } from './eligible-registered.js';
import type { KnownAt } from './plan-known.js';
import type { Chosen } from './plan-select.js';

/**
 * Directories in which the artifacts of what goes should be, and which this machine does not have: mltrack then runs
 * elsewhere than the server, finds nothing to remove, and the files would outlive their rows unseen. MLflow makes the
 * directory that holds those of the experiments when it starts (sqlalchemy_store.py, `__init__`).
 *
 * @returns each with how many items should be there
 */
export async function missingRoots(
  { session }: KnownAt,
  items: readonly Chosen[],
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const { experimentId, artifactUri } of items)
    if (experimentId !== null && artifactUri) counts.set(experimentId, (counts.get(experimentId) ?? 0) + 1);
  const missing = new Map<string, number>();
  const { oneOf } = await session.dialect.gc();
  for (const some of chunks(counts.keys())) {
    const among = oneOf('experiment_id', 'integer', some.map(Number));
    const rows = await session.query<{ id: number; uri: string | null }>(
      `SELECT experiment_id AS id, artifact_location AS uri FROM experiments WHERE ${among.sql}`,
      among.params,
    );
    for (const { id, uri } of rows) {
      const path = uri ? localPath(uri) : null;
      if (path === null || existsSync(path) || existsSync(dirname(path))) continue;
      const root = dirname(path);
      missing.set(root, (missing.get(root) ?? 0) + (counts.get(String(id)) ?? 0));
    }
  }
  return missing;
}

/** null for a location that is not in this machine's file system. */
function localPath(uri: string): string | null {
  if (!/^[a-z][a-z0-9+.-]*:/i.test(uri)) return resolve(uri);
  if (!/^file:/i.test(uri)) return null;
  try {
    return fileURLToPath(uri);
  } catch {
    // Another host, or no path: the artifact store says so when it comes there.
    return null;
  }
}

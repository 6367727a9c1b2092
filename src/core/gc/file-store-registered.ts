import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { blockedError } from '../../errors.js';
import type { Registered } from './eligible-registered.js';
import { type FileStore, kindOf, modelsFolder } from './file-store.js';
import { readMeta } from './file-store-meta.js';

/** A model or run id that is a whole segment of a source: `models:/m-…`, `runs:/…/model`, `…/models/m-…/artifacts`. */
const ids = /(?<=^|[/:])(m-)?[0-9a-f]{32}(?=\/|$)/g;
/** The stage of a version that was deleted; its directory stays (entities/model_registry/model_version_stages.py). */
const gone = 'Deleted_Internal';

/**
 * Reads every version of the registry in a file store: `models/<name>/version-<n>/meta.yaml` below its root.
 *
 * @throws exit 10 for a version that cannot be read: what it needs is not known
 */
export async function registeredInFiles({ root }: FileStore): Promise<Registered> {
  const runs = new Map<string, string>();
  const models = new Map<string, string>();
  const registry = join(root, modelsFolder);
  for (const model of await foldersOf(registry))
    for (const version of await foldersOf(join(registry, model))) {
      if (!version.startsWith('version-')) continue;
      const directory = join(registry, model, version);
      const meta = await readMeta(directory);
      if ('wrong' in meta)
        throw blockedError(
          `${directory}: ${meta.wrong}; nothing goes`,
          'mend or remove it, or --include-registered',
        );
      const { fields } = meta;
      if (fields.get('current_stage') === gone) continue;
      const label = `${fields.get('name') ?? model} version ${version.slice('version-'.length)}`;
      const run = fields.get('run_id');
      if (run) runs.set(run, label);
      const model_id = fields.get('model_id');
      if (model_id) models.set(model_id, label);
      for (const place of [fields.get('source'), fields.get('storage_location')])
        for (const [id] of (place ?? '').matchAll(ids)) (id.startsWith('m-') ? models : runs).set(id, label);
    }
  return { runs, models };
}

/** MLflow follows links here, and a version behind one is as registered as any. */
async function foldersOf(path: string): Promise<string[]> {
  if ((await kindOf(path)) === null) return [];
  const entries = await readdir(path, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory() || entry.isSymbolicLink()).map(({ name }) => name);
}

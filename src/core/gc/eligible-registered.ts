import type { Session } from '../../dialects/dialect.js';
import { keysAtOnce } from './delete-rows-walk.js';

/** Runs and logged models that a registry names: their id, and what they are registered as. */
export interface Registered {
  readonly runs: ReadonlyMap<string, string>;
  readonly models: ReadonlyMap<string, string>;
}

/** A model or run id that is a whole segment: `models:/m-…`, `runs:/…/model`, `s3://bucket/1/models/m-…/artifacts`. */
const ids = /(?<=^|[/:])(m-)?[0-9a-f]{32}(?=\/|$)/g;

/** The runs and logged models that a version's source or storage location names. */
export const idsIn = (place: string): string[] => [...place.matchAll(ids)].map(([id]) => id);

/** The stage of a version that was deleted; its row stays, and its storage_location (entities/model_registry/model_version_stages.py). */
const deletedStage = 'Deleted_Internal';

/** How many registered models are read at once, with all their versions. */
const modelsAtOnce = 100;

/**
 * Reads every version of a registry in an SQL database. A version names its run in `run_id`, its run or logged model
 * in `source` and `storage_location` (store/model_registry/sqlalchemy_store.py: create_model_version).
 *
 * @returns nothing registered where the schema is older than the registry
 */
export async function readRegistered(session: Session): Promise<Registered> {
  const runs = new Map<string, string>();
  const models = new Map<string, string>();
  const columns = await session.sql.columnsOf('model_versions');
  if (columns.length === 0) return { runs, models };
  const { quote, after, limit } = session.sql;
  const { oneOf } = await session.dialect.gc();
  const places = ['source', 'storage_location'].filter((column) => columns.includes(column));
  const wanted = ['name', 'version', 'current_stage', 'run_id', ...places].map(quote).join(', ');
  for (let last: string | undefined; ; ) {
    const beyond = last === undefined ? { sql: '1 = 1', params: [] } : after(['name'], [last]);
    const names = await session.query<{ name: string }>(
      `SELECT DISTINCT name FROM model_versions WHERE ${beyond.sql} ORDER BY name ${limit(modelsAtOnce)}`,
      beyond.params,
    );
    if (names.length === 0) return { runs, models };
    last = names.at(-1)?.name;
    const { sql, params } = oneOf(
      'name',
      'text',
      names.map(({ name }) => name),
    );
    const versions = await session.query(`SELECT ${wanted} FROM model_versions WHERE ${sql}`, params);
    for (const { name, version, current_stage, run_id, ...where } of versions) {
      if (current_stage === deletedStage) continue;
      const label = `${name} version ${version}`;
      if (typeof run_id === 'string' && run_id !== '') runs.set(run_id, label);
      for (const place of Object.values(where))
        for (const id of idsIn(String(place ?? ''))) (id.startsWith('m-') ? models : runs).set(id, label);
    }
    if (names.length < modelsAtOnce) return { runs, models };
  }
}

/** A list in pieces that one statement can bind. */
export function* chunks<T>(list: Iterable<T>, size = keysAtOnce): Generator<T[]> {
  let chunk: T[] = [];
  for (const one of list) {
    chunk.push(one);
    if (chunk.length < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

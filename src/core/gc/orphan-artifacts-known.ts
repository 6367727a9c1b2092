import type { Row } from '../../schema/row-work.js';
import { columnOf } from '../../schema/table.js';
import type { Walk } from './delete-rows-walk.js';
import { chunks } from './eligible-registered.js';
import type { Rules } from './eligible-rules.js';
import type { ArtifactRoot } from './orphan-artifacts-types.js';

/** How many experiments' locations are looked through before the next ones are read. */
const rootsAtOnce = 500;

/** Where ids are; each is looked for in all of them: a folder below `traces` may be a run's of another experiment. */
const tables = [
  ['runs', 'run_uuid'],
  ['logged_models', 'model_id'],
  ['trace_info', 'request_id'],
] as const;

/** Which of the ids any item of this database has, in whatever experiment, workspace or stage of life. */
export async function knownIds(walk: Walk, ids: Iterable<string>): Promise<Set<string>> {
  const known = new Set<string>();
  for (const some of chunks(new Set(ids)))
    for (const [table, key] of tables) {
      if (!walk.schema.has(table)) continue;
      const { sql, params } = walk.keyed(table, key, some);
      const rows = await walk.session.query<{ k: string }>(
        `SELECT ${walk.session.sql.quote(key)} AS k FROM ${table} WHERE ${sql}`,
        params,
      );
      for (const { k } of rows) known.add(String(k).toLowerCase());
    }
  return known;
}

/** The locations of the experiments that the rules reach, deleted ones too, in pages. */
export async function* rootsOf(
  walk: Walk,
  { ids, workspace }: Rules,
  only: Iterable<string> | null,
): AsyncGenerator<ArtifactRoot[]> {
  const others = [ids.run, ids.model, ids.job].some((list) => list !== undefined);
  // A named run may be anywhere.
  const named = only ?? (others ? null : (ids.experiment ?? null));
  if (named !== null) {
    for (const some of chunks(new Set([...named].filter((id) => Number.isSafeInteger(Number(id)))))) {
      const { sql, params } = walk.keyed('experiments', 'experiment_id', some);
      yield await roots(walk, workspace, sql, params);
    }
    return;
  }
  const { bind, limit } = walk.session.sql;
  for (let last: number | null = null; ; ) {
    const beyond: string = last === null ? '1 = 1' : `experiment_id > ${bind('integer')}`;
    const order = `ORDER BY experiment_id ${limit(rootsAtOnce)}`;
    const page: ArtifactRoot[] = await roots(walk, workspace, beyond, last === null ? [] : [last], order);
    if (page.length > 0) yield page;
    if (page.length < rootsAtOnce) return;
    last = Number(page.at(-1)?.experimentId);
  }
}

async function roots(
  { session, schema }: Walk,
  workspace: string | null,
  where: string,
  params: readonly unknown[],
  order = '',
): Promise<ArtifactRoot[]> {
  const workspaces = columnOf(schema.get('experiments') as never, 'workspace') !== undefined;
  // Before workspaces came (1b5f0d9ad7c1) everything was in `default`.
  if (workspace !== null && !workspaces && workspace !== 'default') return [];
  const scope = workspace !== null && workspaces ? 'workspace = ? AND' : '';
  const rows = await session.query<Row & { id: number | string; uri: string | null }>(
    `SELECT experiment_id AS id, artifact_location AS uri FROM experiments WHERE ${scope} ${where} ${order}`,
    [...(scope === '' ? [] : [workspace]), ...params],
  );
  return rows.map(({ id, uri }) => ({ experimentId: String(id), uri: uri ?? '' }));
}

/** Whether an experiment has runs or logged models, whose artifacts should be at its location. */
export async function hasItems(walk: Walk, experiment: string): Promise<boolean> {
  for (const [table, key] of tables.slice(0, 2)) {
    if (!walk.schema.has(table)) continue;
    const { quote, limit } = walk.session.sql;
    const { sql, params } = walk.keyed(table, 'experiment_id', [experiment]);
    const rows = await walk.session.query(
      `SELECT ${quote(key)} AS k FROM ${table} WHERE ${sql} ORDER BY ${quote(key)} ${limit(1)}`,
      params,
    );
    if (rows.length > 0) return true;
  }
  return false;
}

/** The locations of these experiments as they are now. */
export async function rootsNow(walk: Walk, experiments: Iterable<string>): Promise<Map<string, string>> {
  const now = new Map<string, string>();
  for (const some of chunks(new Set(experiments))) {
    const { sql, params } = walk.keyed('experiments', 'experiment_id', some);
    for (const { experimentId, uri } of await roots(walk, null, sql, params)) now.set(experimentId, uri);
  }
  return now;
}

import type { Place } from './artifacts.js';
import type { Walk } from './delete-rows-walk.js';

/** How many traces' artifacts are removed before the experiment is looked at again. */
const tracesAtOnce = 200;

/** Where a trace's artifacts are, if it has any (mlflow/utils/mlflow_tags.py: MLFLOW_ARTIFACT_LOCATION). */
const tag = 'mlflow.artifactLocation';

/** The artifacts of an experiment's traces, in pages; `mlflow gc` leaves them. */
export async function* tracePlaces(walk: Walk, experiment: string): AsyncGenerator<Place[]> {
  if (!walk.schema.has('trace_info') || !walk.schema.has('trace_tags')) return;
  const { quote, after, limit } = walk.session.sql;
  const inside = walk.keyed('trace_info', 'experiment_id', [experiment]);
  for (let last: string | undefined; ; ) {
    const beyond = last === undefined ? { sql: '1 = 1', params: [] } : after(['request_id'], [last]);
    const rows = await walk.session.query<{ owner: string; uri: string | null }>(
      `SELECT request_id AS owner, ${quote('value')} AS uri FROM trace_tags WHERE ${quote('key')} = ?
       AND request_id IN (SELECT request_id FROM trace_info WHERE ${inside.sql}) AND ${beyond.sql} ORDER BY request_id ${limit(tracesAtOnce)}`,
      [tag, ...inside.params, ...beyond.params],
    );
    const places = rows.flatMap(({ owner, uri }) => (uri ? [{ owner, uri }] : []));
    if (places.length > 0) yield places;
    if (rows.length < tracesAtOnce) return;
    last = rows.at(-1)?.owner;
  }
}

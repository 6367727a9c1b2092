import type { Condition, Row } from '../../schema/row-work.js';
import type { Walk } from './delete-rows-walk.js';

/** A place that a row names. */
export interface Reference {
  /** The id of the row's own item, which MLflow makes a part of the place; null where there is none. */
  readonly own: string | null;
  readonly uri: string;
  /** `run 0123…`. */
  readonly label: string;
}

/** How many rows are read at once. */
const rowsAtOnce = 5000;
/** How many registered models are read at once, with all their versions. */
const modelsAtOnce = 100;

/** Where a trace's files are, and where MLflow moved an old one's (mlflow/utils/mlflow_tags.py). */
const traceTags = ['mlflow.artifactLocation', 'mlflow.trace.archiveLocation'];

/** Every place that a run, logged model, trace or registered version of this database names, in pages. */
export async function* referencePages(walk: Walk): AsyncGenerator<Reference[]> {
  yield* pagesOf(walk, 'run', 'runs', 'run_uuid', 'artifact_uri');
  yield* pagesOf(walk, 'logged model', 'logged_models', 'model_id', 'artifact_location');
  for (const tag of traceTags)
    yield* pagesOf(walk, 'trace', 'trace_tags', 'request_id', 'value', {
      sql: `${walk.session.sql.quote('key')} = ?`,
      params: [tag],
    });
  yield* versions(walk);
}

async function* pagesOf(
  { session, schema }: Walk,
  title: string,
  table: string,
  key: string,
  column: string,
  where: Condition = { sql: '1 = 1', params: [] },
): AsyncGenerator<Reference[]> {
  if (!schema.has(table)) return;
  const { quote, after, limit } = session.sql;
  for (let last: string | undefined; ; ) {
    const beyond = last === undefined ? { sql: '1 = 1', params: [] } : after([key], [last]);
    const rows = await session.query<{ own: string; uri: string | null }>(
      `SELECT ${quote(key)} AS own, ${quote(column)} AS uri FROM ${table}
       WHERE ${where.sql} AND ${beyond.sql} ORDER BY ${quote(key)} ${limit(rowsAtOnce)}`,
      [...where.params, ...beyond.params],
    );
    yield rows.flatMap(({ own, uri }) =>
      uri ? [{ own: String(own).toLowerCase(), uri, label: `${title} ${own}` }] : [],
    );
    if (rows.length < rowsAtOnce) return;
    last = rows.at(-1)?.own;
  }
}

/** A version's source and storage location (store/model_registry/dbmodels/models.py: SqlModelVersion). */
async function* versions({ session, words }: Walk): AsyncGenerator<Reference[]> {
  const columns = await session.sql.columnsOf('model_versions');
  const places = ['source', 'storage_location'].filter((column) => columns.includes(column));
  if (places.length === 0) return;
  const { quote, after, limit } = session.sql;
  const wanted = ['name', 'version', ...places].map(quote).join(', ');
  for (let last: string | undefined; ; ) {
    const beyond = last === undefined ? { sql: '1 = 1', params: [] } : after(['name'], [last]);
    const names = await session.query<{ name: string }>(
      `SELECT DISTINCT name FROM model_versions WHERE ${beyond.sql} ORDER BY name ${limit(modelsAtOnce)}`,
      beyond.params,
    );
    if (names.length === 0) return;
    last = names.at(-1)?.name;
    const { sql, params } = words.oneOf(
      'name',
      'text',
      names.map(({ name }) => name),
    );
    const rows = await session.query<Row>(`SELECT ${wanted} FROM model_versions WHERE ${sql}`, params);
    yield rows.flatMap(({ name, version, ...where }) =>
      Object.values(where).flatMap((uri) =>
        uri ? [{ own: null, uri: String(uri), label: `${name} version ${version} (registered)` }] : [],
      ),
    );
    if (names.length < modelsAtOnce) return;
  }
}

import { columnOf, type Schema } from '../../src/schema/table.js';
import { kinds } from '../support/databases.js';
import { daysAgo, type GcWorld } from './plan-world.js';

type Row = Record<string, unknown>;

/** What a collection must take, and what it must leave. */
export interface Items {
  readonly planned: readonly string[];
  readonly kept: readonly string[];
}

export interface Size {
  /** Deleted runs of an active experiment; half as many in a deleted one. */
  readonly runs: number;
  readonly traces: number;
  readonly files: number;
}

/** Every id of an item looks so, whatever table or path it is in. */
export const itemIds = /(?:run|mod|tra|job)[0-9a-f]{9}|7700[0-9]{3}/g;

const idOf = (kind: 'run' | 'mod' | 'tra' | 'job', n: number): string =>
  `${kind}${n.toString(16).padStart(9, '0')}`;

/** Fills a world with items that go and items that stay, of every kind, with rows in the tables that hang on them. */
export async function fillItems(world: GcWorld, schema: Schema, size: Size): Promise<Items> {
  const rows = new Map<string, Row[]>();
  const add = (table: string, row: Row): void => {
    rows.set(table, [...(rows.get(table) ?? []), row]);
  };
  const old = daysAgo(40);
  const planned: string[] = [];
  const kept: string[] = [];
  let n = 0;

  const experiment = (id: number, gone: boolean, stays = !gone): void => {
    (stays ? kept : planned).push(String(id));
    add('experiments', {
      ...{ experiment_id: id, name: `e${id}`, artifact_location: world.place(id), workspace: 'default' },
      ...{ lifecycle_stage: gone ? 'deleted' : 'active', creation_time: 5, last_update_time: old },
    });
    add('experiment_tags', { experiment_id: id, key: 'k', value: 'v' });
    add('datasets', { dataset_uuid: `data${id}`, experiment_id: id, name: 'd', digest: 'x' });
  };
  const run = (inside: number, gone: boolean): string => {
    const id = idOf('run', ++n);
    (gone ? planned : kept).push(id);
    const place = world.place(inside, id, 'artifacts');
    add('runs', {
      ...{ run_uuid: id, name: id, source_type: 'LOCAL', status: 'FINISHED', experiment_id: inside },
      ...{ lifecycle_stage: gone ? 'deleted' : 'active', deleted_time: gone ? old : null },
      artifact_uri: place,
    });
    world.files(`${place}/model`, size.files);
    for (let i = 0; i < 5; i++) add('metrics', { key: `m${i}`, value: i, run_uuid: id });
    add('latest_metrics', { key: 'm0', value: 0, run_uuid: id });
    for (const table of ['params', 'tags']) add(table, { key: 'k', value: 'v', run_uuid: id });
    const edge = { source_type: 'DATASET', source_id: `data${inside}`, destination_type: 'RUN' };
    add('inputs', { input_uuid: `i${id}`, ...edge, destination_id: id });
    add('input_tags', { input_uuid: `i${id}`, name: 'context', value: 'train' });
    return id;
  };
  const model = (inside: number, gone: boolean, by: string): void => {
    const id = idOf('mod', ++n);
    (gone ? planned : kept).push(id);
    const place = world.place(inside, 'models', id, 'artifacts');
    const parent = { model_id: id, experiment_id: inside };
    add('logged_models', {
      ...{ ...parent, name: 'net', artifact_location: place, creation_timestamp_ms: 1, status: 2 },
      ...{ lifecycle_stage: gone ? 'deleted' : 'active', last_updated_timestamp_ms: old },
    });
    world.files(place, size.files);
    // source_run_id is cleared when the run goes: test/gc/delete-rows.test.ts.
    add('logged_model_tags', { ...parent, tag_key: 'k', tag_value: 'v' });
    add('logged_model_params', { ...parent, param_key: 'k', param_value: 'v' });
    add('logged_model_metrics', { ...parent, metric_name: 'm', run_id: by });
    const edge = { source_type: 'RUN_OUTPUT', source_id: by, destination_type: 'MODEL_OUTPUT' };
    add('inputs', { input_uuid: `i${id}`, ...edge, destination_id: id });
  };
  const trace = (inside: number, gone: boolean): void => {
    const id = idOf('tra', ++n);
    (gone ? planned : kept).push(id);
    const place = world.place(inside, 'traces', id, 'artifacts');
    add('trace_info', { request_id: id, experiment_id: inside, timestamp_ms: 7, status: 'OK' });
    add('trace_tags', { request_id: id, key: 'mlflow.artifactLocation', value: place });
    add('trace_request_metadata', { request_id: id, key: 'k', value: 'v' });
    add('spans', { trace_id: id, experiment_id: inside, span_id: 's', status: 'OK', content: '{}' });
    add('assessments', { assessment_id: `a${id}`, trace_id: id, name: 'good', value: 'true' });
    world.files(place, 1);
  };
  const job = (status: number): void => {
    const id = idOf('job', ++n);
    (status === 2 ? planned : kept).push(id);
    add('jobs', { id, creation_time: old, job_name: 'j', params: '{}', workspace: 'default', status });
  };

  experiment(7700001, false);
  experiment(7700002, true);
  experiment(7700003, true);
  experiment(7700004, true, true);
  const living = [run(7700001, false), run(7700004, false)];
  for (let i = 0; i < size.runs; i++) run(7700001, true);
  for (let i = 0; i < size.runs / 2; i++) run(7700002, true);
  for (let i = 0; i < 6; i++) model(7700001, i % 2 === 0, run(7700001, false));
  for (let i = 0; i < 4; i++) model(7700002, true, run(7700002, true));
  model(7700001, true, living[0] as string);
  model(7700004, false, living[1] as string);
  for (let i = 0; i < size.traces; i++) trace(7700002, true);
  for (let i = 0; i < 3; i++) trace(7700001, false);
  for (let i = 0; i < 4; i++) job(i % 2 === 0 ? 2 : 1);
  await insertAll(world, schema, rows);
  return { planned, kept };
}

/** Parents first; what a row must have and does not name gets a value of the column's type. */
async function insertAll(world: GcWorld, schema: Schema, rows: ReadonlyMap<string, Row[]>): Promise<void> {
  const { quote, dialect } = kinds[world.database.kind];
  const fillers = { integer: 1, bigint: 1, float: 1, boolean: dialect === 'postgresql' ? false : 0 };
  const literal = (value: unknown): string =>
    value === null || typeof value === 'number' || typeof value === 'boolean' ? String(value) : `'${value}'`;
  const statements: string[] = [];
  for (const [table, some] of rows) {
    const found = schema.get(table);
    if (!found) throw new Error(`no table ${table}`);
    const given = Object.keys(some[0] as Row);
    const columns = found.columns.filter(
      ({ name, nullable, generated }) => generated === null && (given.includes(name) || !nullable),
    );
    const cell = (row: Row, name: string): string => {
      const kind = columnOf(found, name)?.type.kind ?? 'text';
      return literal(name in row ? row[name] : (fillers[kind as keyof typeof fillers] ?? 'x'));
    };
    for (let i = 0; i < some.length; i += 200) {
      const values = some
        .slice(i, i + 200)
        .map((row) => `(${columns.map(({ name }) => cell(row, name)).join(', ')})`);
      statements.push(
        `INSERT INTO ${quote(table)} (${columns.map(({ name }) => quote(name)).join(', ')}) VALUES ${values.join(', ')}`,
      );
    }
  }
  await world.database.run(...statements);
}

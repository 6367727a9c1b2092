import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { speech } from './fill.mjs';

/** Every so many runs one is deleted, so that what goes lies between what stays in every page. */
const nth = 5;
const experiments = 20;
export const perRun = { metrics: 40, latest_metrics: 10, params: 10, tags: 5, inputs: 1, input_tags: 1 };
/** A small file here and there, like what `mlflow.log_artifact` leaves. */
const files = ['model/MLmodel', 'model/requirements.txt', 'plot.json'];
export const filesOfRun = files.length;

/**
 * Statements that fill a database at the head with so many runs, a fifth of them deleted; ids are spread like MLflow's
 * random ones.
 *
 * @param root the artifact root, a path
 */
export function fillRuns(kind, runs, root) {
  const say = speech[kind];
  const id = (i) => say.text(say.hex(i), say.pad(i, 24));
  const insert = (table, count, columns) =>
    `INSERT INTO ${table} (${Object.keys(columns).map(say.quote).join(', ')})
     SELECT ${Object.values(columns).join(', ')} FROM ${say.numbers(count)}`;
  const deleted = (yes, no) => `CASE WHEN n.i % ${nth} = 0 THEN ${yes} ELSE ${no} END`;
  const experiment = `n.i % ${experiments}`;
  const text = (n) => `CAST(${n} AS ${kind.startsWith('m') ? 'CHAR' : 'VARCHAR'})`;
  // Run after run, as they were logged: the rows of one lie together in the table, and apart in the primary key.
  const ofRun = (count) => id(`(${say.div('n.i', count)})`);
  const key = (name, count) => say.text(`'${name}_'`, say.pad(`(n.i % ${count})`, 4));
  const word = say.text(say.hex('n.i'), "' a value of middling length'");
  const at = '1700000000000 + n.i';
  const latest = perRun.latest_metrics;
  const dataset = say.text("'d'", say.pad(`(${experiment})`, 31));
  return [
    ...(kind.startsWith('m') ? ["SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO'"] : []),
    insert('experiments', experiments, {
      // MLflow makes number 0, Default, when there is no experiment.
      ...{ experiment_id: 'n.i', name: say.text("'bench '", text('n.i')), lifecycle_stage: "'active'" },
      ...{ artifact_location: say.text(`'file://${root}/'`, text('n.i')), creation_time: at },
      last_update_time: at,
    }),
    insert('datasets', experiments, {
      ...{ dataset_uuid: say.text("'d'", say.pad('n.i', 31)), experiment_id: 'n.i' },
      ...{ name: "'data'", digest: "'0123abcd'", dataset_source_type: "'local'", dataset_source: "'{}'" },
    }),
    insert('runs', runs, {
      ...{
        run_uuid: id('n.i'),
        name: "'run'",
        source_type: "'LOCAL'",
        status: "'FINISHED'",
        user_id: "'me'",
      },
      ...{ start_time: at, end_time: at, lifecycle_stage: deleted("'deleted'", "'active'") },
      ...{ experiment_id: experiment, deleted_time: deleted(at, 'NULL') },
      artifact_uri: say.text(`'file://${root}/'`, text(experiment), "'/'", id('n.i'), "'/artifacts'"),
    }),
    insert('metrics', runs * perRun.metrics, {
      ...{ key: key('metric', latest), value: 'n.i * 0.5', timestamp: at },
      ...{
        run_uuid: ofRun(perRun.metrics),
        step: `(${say.div('n.i', latest)}) % ${perRun.metrics / latest}`,
      },
      is_nan: say.no,
    }),
    insert('latest_metrics', runs * latest, {
      ...{ key: key('metric', latest), value: 'n.i * 0.5', timestamp: at, run_uuid: ofRun(latest) },
      ...{ step: `${perRun.metrics / latest - 1}`, is_nan: say.no },
    }),
    ...['params', 'tags'].map((table) =>
      insert(table, runs * perRun[table], {
        ...{ key: key(table, perRun[table]), value: word, run_uuid: ofRun(perRun[table]) },
      }),
    ),
    insert('inputs', runs, {
      ...{ input_uuid: id('n.i + 7'), source_type: "'DATASET'", source_id: dataset },
      ...{ destination_type: "'RUN'", destination_id: id('n.i'), step: '0' },
    }),
    insert('input_tags', runs, {
      input_uuid: id('n.i + 7'),
      name: "'mlflow.data.context'",
      value: "'training'",
    }),
  ];
}

/** Files of these runs. @returns how many */
export function fillFiles(rows, root) {
  for (const { run, experiment } of rows)
    for (const file of files) {
      const path = join(root, String(experiment), run, 'artifacts', file);
      mkdirSync(join(path, '..'), { recursive: true });
      writeFileSync(path, `${run}\n`.repeat(10));
    }
  return rows.length * files.length;
}

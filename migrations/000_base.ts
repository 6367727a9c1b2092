import {
  bigint,
  check,
  column,
  createTable,
  float,
  foreignKey,
  integer,
  required,
  revision,
  string,
  table,
  unique,
} from '../src/schema/index.js';

/** The schema of MLflow 0.9.1, before the first revision (mlflow/store/tracking/dbmodels/initial_models.py). */
export default revision({
  revision: null,
  down: null,
  title: 'the schema of MLflow 0.9.1',
  release: '0.9.1',
  created: null,
  up: [
    createTable(
      table('experiments', {
        columns: [
          required('experiment_id', integer, { identity: 'SERIAL' }),
          required('name', string(256)),
          column('artifact_location', string(256)),
          column('lifecycle_stage', string(32)),
        ],
        primaryKey: ['experiment_pk', ['experiment_id']],
        uniques: [unique(['name'])],
        checks: [check("lifecycle_stage IN ('active', 'deleted')", 'experiments_lifecycle_stage')],
      }),
    ),
    createTable(
      table('runs', {
        columns: [
          required('run_uuid', string(32)),
          column('name', string(250)),
          column('source_type', string(20)),
          column('source_name', string(500)),
          column('entry_point_name', string(50)),
          column('user_id', string(256)),
          column('status', string(20)),
          column('start_time', bigint),
          column('end_time', bigint),
          column('source_version', string(50)),
          column('lifecycle_stage', string(20)),
          column('artifact_uri', string(200)),
          column('experiment_id', integer),
        ],
        primaryKey: ['run_pk', ['run_uuid']],
        foreignKeys: [foreignKey(['experiment_id'], 'experiments', ['experiment_id'])],
        checks: [
          check("source_type IN ('NOTEBOOK', 'JOB', 'LOCAL', 'UNKNOWN', 'PROJECT')", 'source_type'),
          check("status IN ('SCHEDULED', 'FAILED', 'FINISHED', 'RUNNING')", 'status'),
          check("lifecycle_stage IN ('active', 'deleted')", 'runs_lifecycle_stage'),
        ],
      }),
    ),
    createTable(
      table('tags', {
        columns: [
          required('key', string(250)),
          column('value', string(250)),
          required('run_uuid', string(32)),
        ],
        primaryKey: ['tag_pk', ['key', 'run_uuid']],
        foreignKeys: [foreignKey(['run_uuid'], 'runs', ['run_uuid'])],
      }),
    ),
    createTable(
      table('metrics', {
        columns: [
          required('key', string(250)),
          required('value', float()),
          required('timestamp', bigint),
          required('run_uuid', string(32)),
        ],
        primaryKey: ['metric_pk', ['key', 'timestamp', 'run_uuid']],
        foreignKeys: [foreignKey(['run_uuid'], 'runs', ['run_uuid'])],
      }),
    ),
    createTable(
      table('params', {
        columns: [
          required('key', string(250)),
          required('value', string(250)),
          required('run_uuid', string(32)),
        ],
        primaryKey: ['param_pk', ['key', 'run_uuid']],
        foreignKeys: [foreignKey(['run_uuid'], 'runs', ['run_uuid'])],
      }),
    ),
  ],
});

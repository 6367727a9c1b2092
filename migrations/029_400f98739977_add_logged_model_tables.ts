import {
  bigint,
  check,
  column,
  createIndex,
  createTable,
  float,
  foreignKey,
  index,
  integer,
  required,
  revision,
  string,
  table,
  text,
} from '../src/schema/index.js';

const toExperiment = (name: string, onDelete?: 'CASCADE') =>
  foreignKey(['experiment_id'], 'experiments', ['experiment_id'], { name, ...(onDelete && { onDelete }) });
const toModel = (name: string) =>
  foreignKey(['model_id'], 'logged_models', ['model_id'], { name, onDelete: 'CASCADE' });

export default revision({
  revision: '400f98739977',
  down: '0584bdc529eb',
  title: 'add logged models',
  release: '3.0.0',
  created: '2025-02-06',
  up: [
    createTable(
      table('logged_models', {
        columns: [
          required('model_id', string(36)),
          required('experiment_id', integer),
          required('name', string(500)),
          required('artifact_location', string(1000)),
          required('creation_timestamp_ms', bigint),
          required('last_updated_timestamp_ms', bigint),
          required('status', integer),
          column('lifecycle_stage', string(32)),
          column('model_type', string(500)),
          column('source_run_id', string(32)),
          column('status_message', string(1000)),
        ],
        primaryKey: ['logged_models_pk', ['model_id']],
        foreignKeys: [toExperiment('fk_logged_models_experiment_id', 'CASCADE')],
        checks: [check("lifecycle_stage IN ('active', 'deleted')", 'logged_models_lifecycle_stage_check')],
      }),
    ),
    createTable(
      table('logged_model_metrics', {
        columns: [
          required('model_id', string(36)),
          required('metric_name', string(500)),
          required('metric_timestamp_ms', bigint),
          required('metric_step', bigint),
          column('metric_value', float(53)),
          required('experiment_id', integer),
          required('run_id', string(32)),
          column('dataset_uuid', string(36)),
          column('dataset_name', string(500)),
          column('dataset_digest', string(36)),
        ],
        primaryKey: [
          'logged_model_metrics_pk',
          ['model_id', 'metric_name', 'metric_timestamp_ms', 'metric_step', 'run_id'],
        ],
        foreignKeys: [
          toExperiment('fk_logged_model_metrics_experiment_id'),
          toModel('fk_logged_model_metrics_model_id'),
          foreignKey(['run_id'], 'runs', ['run_uuid'], {
            name: 'fk_logged_model_metrics_run_id',
            onDelete: 'CASCADE',
          }),
        ],
      }),
    ),
    createIndex('logged_model_metrics', index('index_logged_model_metrics_model_id', ['model_id'])),
    createTable(
      table('logged_model_params', {
        columns: [
          required('model_id', string(36)),
          required('experiment_id', integer),
          required('param_key', string(255)),
          required('param_value', text()),
        ],
        primaryKey: ['logged_model_params_pk', ['model_id', 'param_key']],
        foreignKeys: [
          toExperiment('fk_logged_model_params_experiment_id'),
          toModel('fk_logged_model_params_model_id'),
        ],
      }),
    ),
    createTable(
      table('logged_model_tags', {
        columns: [
          required('model_id', string(36)),
          required('experiment_id', integer),
          required('tag_key', string(255)),
          required('tag_value', text()),
        ],
        primaryKey: ['logged_model_tags_pk', ['model_id', 'tag_key']],
        foreignKeys: [
          toExperiment('fk_logged_model_tags_experiment_id'),
          toModel('fk_logged_model_tags_model_id'),
        ],
      }),
    ),
  ],
});

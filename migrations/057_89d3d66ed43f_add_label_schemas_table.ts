import {
  bigint,
  boolean,
  column,
  createIndex,
  createTable,
  FALSE,
  foreignKey,
  index,
  integer,
  literal,
  required,
  revision,
  string,
  table,
  text,
  unique,
} from '../src/schema/index.js';

export default revision({
  revision: '89d3d66ed43f',
  down: 'da6fb0208061',
  title: 'add label schemas',
  release: '3.14.0',
  created: '2026-05-26',
  up: [
    createTable(
      table('label_schemas', {
        columns: [
          required('schema_id', string(36)),
          required('experiment_id', integer),
          required('name', string(250)),
          required('type', string(16)),
          column('instruction', text()),
          required('enable_comment', boolean, { default: literal('0') }),
          required('input_type', string(32)),
          required('input_config', text()),
          column('created_by', string(255)),
          required('created_time', bigint),
          required('last_update_time', bigint),
          required('is_default', boolean, { default: FALSE }),
        ],
        primaryKey: ['label_schemas_pk', ['schema_id']],
        uniques: [unique(['experiment_id', 'name'], 'uq_label_schemas_exp_name')],
        foreignKeys: [
          foreignKey(['experiment_id'], 'experiments', ['experiment_id'], {
            name: 'fk_label_schemas_experiment_id',
            onDelete: 'CASCADE',
          }),
        ],
      }),
    ),
    createIndex('label_schemas', index('index_label_schemas_experiment_id', ['experiment_id'])),
  ],
});

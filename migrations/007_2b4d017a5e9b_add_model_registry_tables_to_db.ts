import {
  bigint,
  column,
  createTable,
  foreignKey,
  integer,
  required,
  revision,
  string,
  table,
  unique,
} from '../src/schema/index.js';

export default revision({
  revision: '2b4d017a5e9b',
  down: '89d4b8295536',
  title: 'add the model registry',
  release: '1.4.0',
  created: '2019-10-14',
  up: [
    createTable(
      table('registered_models', {
        columns: [
          required('name', string(256)),
          column('creation_time', bigint),
          column('last_updated_time', bigint),
          column('description', string(5000)),
        ],
        primaryKey: ['registered_model_pk', ['name']],
        // Beside the primary key: MLflow declares the column unique as well.
        uniques: [unique(['name'])],
      }),
    ),
    createTable(
      table('model_versions', {
        columns: [
          required('name', string(256)),
          required('version', integer),
          column('creation_time', bigint),
          column('last_updated_time', bigint),
          column('description', string(5000)),
          column('user_id', string(256)),
          column('current_stage', string(20)),
          column('source', string(500)),
          required('run_id', string(32)),
          column('status', string(20)),
          column('status_message', string(500)),
        ],
        primaryKey: ['model_version_pk', ['name', 'version']],
        foreignKeys: [foreignKey(['name'], 'registered_models', ['name'], { onUpdate: 'CASCADE' })],
      }),
    ),
  ],
});

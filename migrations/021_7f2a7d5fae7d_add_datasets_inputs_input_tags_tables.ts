import {
  column,
  createIndex,
  createTable,
  foreignKey,
  index,
  integer,
  required,
  revision,
  string,
  table,
  text,
} from '../src/schema/index.js';

export default revision({
  revision: '7f2a7d5fae7d',
  down: '3500859a5d39',
  title: 'add datasets and inputs',
  release: '2.4.0',
  created: '2023-03-23',
  up: [
    createTable(
      table('datasets', {
        columns: [
          required('dataset_uuid', string(36)),
          required('experiment_id', integer),
          required('name', string(500)),
          required('digest', string(36)),
          required('dataset_source_type', string(36)),
          required('dataset_source', text()),
          column('dataset_schema', text()),
          column('dataset_profile', text('medium')),
        ],
        primaryKey: ['dataset_pk', ['experiment_id', 'name', 'digest']],
        foreignKeys: [foreignKey(['experiment_id'], 'experiments', ['experiment_id'])],
      }),
    ),
    createIndex('datasets', index('index_datasets_dataset_uuid', ['dataset_uuid'])),
    createIndex(
      'datasets',
      index('index_datasets_experiment_id_dataset_source_type', ['experiment_id', 'dataset_source_type']),
    ),
    createTable(
      table('inputs', {
        columns: [
          required('input_uuid', string(36)),
          required('source_type', string(36)),
          required('source_id', string(36)),
          required('destination_type', string(36)),
          required('destination_id', string(36)),
        ],
        primaryKey: ['inputs_pk', ['source_type', 'source_id', 'destination_type', 'destination_id']],
      }),
    ),
    createIndex('inputs', index('index_inputs_input_uuid', ['input_uuid'])),
    createIndex(
      'inputs',
      index('index_inputs_destination_type_destination_id_source_type', [
        'destination_type',
        'destination_id',
        'source_type',
      ]),
    ),
    createTable(
      table('input_tags', {
        columns: [
          required('input_uuid', string(36)),
          required('name', string(255)),
          required('value', string(500)),
        ],
        primaryKey: ['input_tags_pk', ['input_uuid', 'name']],
      }),
    ),
  ],
});

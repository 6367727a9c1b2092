import {
  addUnique,
  bigint,
  column,
  createIndex,
  createTable,
  foreignKey,
  index,
  json,
  required,
  revision,
  string,
  table,
  text,
  unique,
} from '../src/schema/index.js';

const authorship = [
  column('created_time', bigint),
  column('last_update_time', bigint),
  column('created_by', string(255)),
  column('last_updated_by', string(255)),
];
const toDataset = (name: string) =>
  foreignKey(['dataset_id'], 'evaluation_datasets', ['dataset_id'], { name, onDelete: 'CASCADE' });

export default revision({
  revision: '71994744cf8e',
  down: '534353b11cbc',
  title: 'add evaluation datasets',
  release: '3.4.0',
  created: '2025-08-12',
  up: [
    createTable(
      table('evaluation_datasets', {
        columns: [
          required('dataset_id', string(36)),
          required('name', string(255)),
          column('schema', text()),
          column('profile', text()),
          column('digest', string(64)),
          ...authorship,
        ],
        primaryKey: ['evaluation_datasets_pk', ['dataset_id']],
      }),
    ),
    createIndex('evaluation_datasets', index('index_evaluation_datasets_name', ['name'])),
    createIndex('evaluation_datasets', index('index_evaluation_datasets_created_time', ['created_time'])),
    createTable(
      table('evaluation_dataset_tags', {
        columns: [
          required('dataset_id', string(36)),
          required('key', string(255)),
          column('value', string(5000)),
        ],
        primaryKey: ['evaluation_dataset_tags_pk', ['dataset_id', 'key']],
        foreignKeys: [toDataset('fk_evaluation_dataset_tags_dataset_id')],
      }),
    ),
    createIndex('evaluation_dataset_tags', index('index_evaluation_dataset_tags_dataset_id', ['dataset_id'])),
    createTable(
      table('evaluation_dataset_records', {
        columns: [
          required('dataset_record_id', string(36)),
          required('dataset_id', string(36)),
          required('inputs', json),
          column('expectations', json),
          column('tags', json),
          column('source', json),
          column('source_id', string(36)),
          column('source_type', string(255)),
          ...authorship,
          required('input_hash', string(64)),
        ],
        primaryKey: ['evaluation_dataset_records_pk', ['dataset_record_id']],
        foreignKeys: [toDataset('fk_evaluation_dataset_records_dataset_id')],
      }),
    ),
    createIndex(
      'evaluation_dataset_records',
      index('index_evaluation_dataset_records_dataset_id', ['dataset_id']),
    ),
    addUnique('evaluation_dataset_records', unique(['dataset_id', 'input_hash'], 'unique_dataset_input')),
  ],
});

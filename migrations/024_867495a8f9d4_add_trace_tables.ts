import {
  bigint,
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
} from '../src/schema/index.js';

const keyAndValue = [
  required('key', string(250)),
  column('value', string(8000)),
  required('request_id', string(50)),
];

export default revision({
  revision: '867495a8f9d4',
  down: 'acf3f17fdcc7',
  title: 'add traces',
  release: '2.13.0',
  created: '2024-04-27',
  up: [
    createTable(
      table('trace_info', {
        columns: [
          required('request_id', string(50)),
          required('experiment_id', integer),
          required('timestamp_ms', bigint),
          column('execution_time_ms', bigint),
          required('status', string(50)),
        ],
        primaryKey: ['trace_info_pk', ['request_id']],
        foreignKeys: [
          foreignKey(['experiment_id'], 'experiments', ['experiment_id'], {
            name: 'fk_trace_info_experiment_id',
          }),
        ],
      }),
    ),
    createIndex(
      'trace_info',
      index('index_trace_info_experiment_id_timestamp_ms', ['experiment_id', 'timestamp_ms']),
    ),
    createTable(
      table('trace_tags', {
        columns: keyAndValue,
        primaryKey: ['trace_tag_pk', ['key', 'request_id']],
        foreignKeys: [
          foreignKey(['request_id'], 'trace_info', ['request_id'], { name: 'fk_trace_tags_request_id' }),
        ],
      }),
    ),
    createIndex('trace_tags', index('index_trace_tags_request_id', ['request_id'])),
    createTable(
      table('trace_request_metadata', {
        columns: keyAndValue,
        primaryKey: ['trace_request_metadata_pk', ['key', 'request_id']],
        foreignKeys: [
          foreignKey(['request_id'], 'trace_info', ['request_id'], {
            name: 'fk_trace_request_metadata_request_id',
          }),
        ],
      }),
    ),
    createIndex('trace_request_metadata', index('index_trace_request_metadata_request_id', ['request_id'])),
  ],
});

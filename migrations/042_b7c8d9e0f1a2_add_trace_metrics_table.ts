import {
  column,
  createIndex,
  createTable,
  float,
  foreignKey,
  index,
  required,
  revision,
  string,
  table,
} from '../src/schema/index.js';

export default revision({
  revision: 'b7c8d9e0f1a2',
  down: '1bd49d398cd23',
  title: 'add trace metrics',
  release: '3.9.0',
  created: '2025-12-04',
  up: [
    createTable(
      table('trace_metrics', {
        columns: [
          required('request_id', string(50)),
          required('key', string(250)),
          column('value', float(53)),
        ],
        primaryKey: ['trace_metrics_pk', ['request_id', 'key']],
        foreignKeys: [
          foreignKey(['request_id'], 'trace_info', ['request_id'], {
            name: 'fk_trace_metrics_request_id',
            onDelete: 'CASCADE',
          }),
        ],
      }),
    ),
    createIndex('trace_metrics', index('index_trace_metrics_request_id', ['request_id'])),
  ],
});

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
  text,
} from '../src/schema/index.js';

export default revision({
  revision: 'a1b2c3d4e5f6',
  down: '770bee3ae1dd',
  title: 'add spans',
  release: '3.3.0',
  created: '2025-08-03',
  up: [
    createTable(
      table('spans', {
        columns: [
          required('trace_id', string(50)),
          required('experiment_id', integer),
          required('span_id', string(50)),
          column('parent_span_id', string(50)),
          column('name', text()),
          column('type', string(500)),
          required('status', string(50)),
          required('start_time_unix_nano', bigint),
          column('end_time_unix_nano', bigint),
          column('duration_ns', bigint, {
            generated: { expression: 'end_time_unix_nano - start_time_unix_nano', stored: true },
          }),
          required('content', text('long')),
        ],
        primaryKey: ['spans_pk', ['trace_id', 'span_id']],
        foreignKeys: [
          foreignKey(['trace_id'], 'trace_info', ['request_id'], {
            name: 'fk_spans_trace_id',
            onDelete: 'CASCADE',
          }),
          foreignKey(['experiment_id'], 'experiments', ['experiment_id'], { name: 'fk_spans_experiment_id' }),
        ],
      }),
    ),
    createIndex('spans', index('index_spans_experiment_id', ['experiment_id'])),
    createIndex('spans', index('index_spans_experiment_id_status_type', ['experiment_id', 'status', 'type'])),
    createIndex('spans', index('index_spans_experiment_id_type_status', ['experiment_id', 'type', 'status'])),
    createIndex('spans', index('index_spans_experiment_id_duration', ['experiment_id', 'duration_ns'])),
  ],
});

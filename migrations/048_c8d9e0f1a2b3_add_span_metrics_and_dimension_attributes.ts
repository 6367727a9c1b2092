import {
  addColumn,
  column,
  createIndex,
  createTable,
  float,
  foreignKey,
  index,
  json,
  required,
  revision,
  string,
  table,
} from '../src/schema/index.js';

export default revision({
  revision: 'c8d9e0f1a2b3',
  down: 'd0e1f2a3b4c5',
  title: 'add span metrics and dimensions',
  release: '3.10.0',
  created: '2026-01-27',
  up: [
    createTable(
      table('span_metrics', {
        columns: [
          required('trace_id', string(50)),
          required('span_id', string(50)),
          required('key', string(250)),
          column('value', float(53)),
        ],
        primaryKey: ['span_metrics_pk', ['trace_id', 'span_id', 'key']],
        foreignKeys: [
          foreignKey(['trace_id', 'span_id'], 'spans', ['trace_id', 'span_id'], {
            name: 'fk_span_metrics_span',
            onDelete: 'CASCADE',
          }),
        ],
      }),
    ),
    createIndex('span_metrics', index('index_span_metrics_trace_id_span_id', ['trace_id', 'span_id'])),
    addColumn('spans', column('dimension_attributes', json)),
  ],
});

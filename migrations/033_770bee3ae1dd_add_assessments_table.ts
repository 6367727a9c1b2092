import {
  bigint,
  boolean,
  column,
  createIndex,
  createTable,
  foreignKey,
  index,
  required,
  revision,
  string,
  table,
  text,
} from '../src/schema/index.js';

export default revision({
  revision: '770bee3ae1dd',
  down: 'cbc13b556ace',
  title: 'add assessments',
  release: '3.2.0',
  created: '2025-06-23',
  up: [
    createTable(
      table('assessments', {
        columns: [
          required('assessment_id', string(50)),
          required('trace_id', string(50)),
          required('name', string(250)),
          required('assessment_type', string(20)),
          required('value', text()),
          column('error', text()),
          required('created_timestamp', bigint),
          required('last_updated_timestamp', bigint),
          required('source_type', string(50)),
          column('source_id', string(250)),
          column('run_id', string(32)),
          column('span_id', string(50)),
          column('rationale', text()),
          column('overrides', string(50)),
          required('valid', boolean),
          column('assessment_metadata', text()),
        ],
        primaryKey: ['assessments_pk', ['assessment_id']],
        foreignKeys: [
          foreignKey(['trace_id'], 'trace_info', ['request_id'], {
            name: 'fk_assessments_trace_id',
            onDelete: 'CASCADE',
          }),
        ],
      }),
    ),
    createIndex(
      'assessments',
      index('index_assessments_trace_id_created_timestamp', ['trace_id', 'created_timestamp']),
    ),
    createIndex(
      'assessments',
      index('index_assessments_run_id_created_timestamp', ['run_id', 'created_timestamp']),
    ),
    createIndex('assessments', index('index_assessments_last_updated_timestamp', ['last_updated_timestamp'])),
    createIndex('assessments', index('index_assessments_assessment_type', ['assessment_type'])),
  ],
});

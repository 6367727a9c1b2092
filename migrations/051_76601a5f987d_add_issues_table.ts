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
  revision: '76601a5f987d',
  down: 'e1f2a3b4c5d6',
  title: 'add issues',
  release: '3.11.0',
  created: '2026-02-26',
  up: [
    createTable(
      table('issues', {
        columns: [
          required('issue_id', string(36)),
          required('experiment_id', integer),
          required('name', string(250)),
          required('description', text()),
          required('status', string(50)),
          column('severity', string(50)),
          column('root_causes', text()),
          column('source_run_id', string(32)),
          column('categories', text()),
          required('created_timestamp', bigint),
          required('last_updated_timestamp', bigint),
          column('created_by', string(255)),
        ],
        primaryKey: ['issues_pk', ['issue_id']],
        foreignKeys: [
          foreignKey(['experiment_id'], 'experiments', ['experiment_id'], {
            name: 'fk_issues_experiment_id',
            onDelete: 'CASCADE',
          }),
          foreignKey(['source_run_id'], 'runs', ['run_uuid'], {
            name: 'fk_issues_source_run_id',
            onDelete: 'SET NULL',
          }),
        ],
      }),
    ),
    createIndex('issues', index('index_issues_experiment_id', ['experiment_id'])),
    createIndex('issues', index('index_issues_source_run_id', ['source_run_id'])),
    createIndex('issues', index('index_issues_status', ['status'])),
  ],
});

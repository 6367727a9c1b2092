import {
  bigint,
  column,
  createIndex,
  createTable,
  float,
  index,
  integer,
  required,
  revision,
  string,
  table,
} from '../src/schema/index.js';
import { workspaceColumn } from './shared.js';

export default revision({
  revision: 'e1f2a3b4c5d6',
  down: '1b5f0d9ad7c1',
  title: 'add budgets',
  release: '3.11.0',
  created: '2026-02-24',
  up: [
    createTable(
      table('budget_policies', {
        columns: [
          required('budget_policy_id', string(36)),
          required('budget_unit', string(32)),
          required('budget_amount', float()),
          required('duration_unit', string(32)),
          required('duration_value', integer),
          required('target_scope', string(32)),
          required('budget_action', string(32)),
          column('created_by', string(255)),
          required('created_at', bigint),
          column('last_updated_by', string(255)),
          required('last_updated_at', bigint),
          workspaceColumn,
        ],
        primaryKey: ['budget_policies_pk', ['budget_policy_id']],
      }),
    ),
    createIndex('budget_policies', index('idx_budget_policies_workspace', ['workspace'])),
  ],
});

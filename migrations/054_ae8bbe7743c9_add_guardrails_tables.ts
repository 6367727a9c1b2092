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
import { workspaceColumn } from './shared.js';

export default revision({
  revision: 'ae8bbe7743c9',
  down: 'a5b4c3d2e1f0',
  title: 'add guardrails',
  release: '3.12.0',
  created: '2026-03-24',
  up: [
    createTable(
      table('guardrails', {
        columns: [
          required('guardrail_id', string(36)),
          required('name', string(255)),
          required('scorer_id', string(36)),
          required('scorer_version', integer),
          required('stage', string(32)),
          required('action', string(32)),
          column('action_endpoint_id', string(36)),
          column('created_by', string(255)),
          required('created_at', bigint),
          column('last_updated_by', string(255)),
          required('last_updated_at', bigint),
          workspaceColumn,
        ],
        primaryKey: ['guardrails_pk', ['guardrail_id']],
        foreignKeys: [
          foreignKey(['scorer_id', 'scorer_version'], 'scorer_versions', ['scorer_id', 'scorer_version'], {
            name: 'fk_guardrails_scorer_version',
          }),
          foreignKey(['action_endpoint_id'], 'endpoints', ['endpoint_id'], {
            name: 'fk_guardrails_action_endpoint_id',
            onDelete: 'SET NULL',
          }),
        ],
      }),
    ),
    createIndex('guardrails', index('idx_guardrails_workspace', ['workspace'])),
    createIndex('guardrails', index('idx_guardrails_scorer', ['scorer_id', 'scorer_version'])),
    createTable(
      table('guardrail_configs', {
        columns: [
          required('endpoint_id', string(36)),
          required('guardrail_id', string(36)),
          column('execution_order', integer),
          column('created_by', string(255)),
          required('created_at', bigint),
          workspaceColumn,
        ],
        primaryKey: ['guardrail_configs_pk', ['endpoint_id', 'guardrail_id']],
        foreignKeys: [
          foreignKey(['endpoint_id'], 'endpoints', ['endpoint_id'], {
            name: 'fk_guardrail_configs_endpoint_id',
            onDelete: 'CASCADE',
          }),
          foreignKey(['guardrail_id'], 'guardrails', ['guardrail_id'], {
            name: 'fk_guardrail_configs_guardrail_id',
            onDelete: 'CASCADE',
          }),
        ],
      }),
    ),
    createIndex('guardrail_configs', index('idx_guardrail_configs_endpoint_id', ['endpoint_id'])),
    createIndex('guardrail_configs', index('idx_guardrail_configs_guardrail_id', ['guardrail_id'])),
  ],
});

import {
  addColumn,
  addForeignKey,
  addUnique,
  column,
  createIndex,
  createTable,
  dropForeignKey,
  dropIndex,
  dropUnique,
  foreignKey,
  index,
  insertRow,
  replacePrimaryKey,
  required,
  revision,
  string,
  table,
  text,
  unique,
} from '../src/schema/index.js';
import { workspaceColumn } from './shared.js';

const toModel = (name: string, onDelete?: 'CASCADE') =>
  foreignKey(['workspace', 'name'], 'registered_models', ['workspace', 'name'], {
    name,
    onUpdate: 'CASCADE',
    ...(onDelete && { onDelete }),
  });

/**
 * What exists belongs to the workspace `default`. Old constraints are found by their columns: their names were
 * chosen by the server, and SQLite has none.
 */
export default revision({
  revision: '1b5f0d9ad7c1',
  down: 'c8d9e0f1a2b3',
  title: 'add workspaces',
  release: '3.10.0',
  created: '2026-01-16',
  irreversible: {
    kind: 'widened',
    tables: [
      'experiments',
      'registered_models',
      'model_versions',
      'registered_model_tags',
      'model_version_tags',
      'registered_model_aliases',
      'secrets',
      'endpoints',
      'model_definitions',
    ],
    why: 'two workspaces may use the same name, which is unique before',
  },
  up: [
    dropUnique('experiments', ['name']),
    addColumn('experiments', workspaceColumn),
    addUnique('experiments', unique(['workspace', 'name'], 'uq_experiments_workspace_name')),

    // The keys of the registry change: what refers to them goes first and comes back after.
    dropForeignKey('model_versions', 'registered_models'),
    dropForeignKey('registered_model_tags', 'registered_models'),
    dropForeignKey('registered_model_aliases', 'registered_models'),
    dropForeignKey('model_version_tags', 'model_versions'),

    dropUnique('registered_models', ['name']),
    addColumn('registered_models', workspaceColumn),
    replacePrimaryKey('registered_models', 'registered_model_pk', ['workspace', 'name']),

    addColumn('model_versions', workspaceColumn),
    replacePrimaryKey('model_versions', 'model_version_pk', ['workspace', 'name', 'version']),
    addForeignKey('model_versions', toModel('fk_model_versions_registered_models')),

    addColumn('registered_model_tags', workspaceColumn),
    replacePrimaryKey('registered_model_tags', 'registered_model_tag_pk', ['workspace', 'key', 'name']),
    addForeignKey('registered_model_tags', toModel('fk_registered_model_tags_registered_models')),

    addColumn('model_version_tags', workspaceColumn),
    replacePrimaryKey('model_version_tags', 'model_version_tag_pk', ['workspace', 'key', 'name', 'version']),
    addForeignKey(
      'model_version_tags',
      foreignKey(['workspace', 'name', 'version'], 'model_versions', ['workspace', 'name', 'version'], {
        name: 'fk_model_version_tags_model_versions',
        onUpdate: 'CASCADE',
      }),
    ),

    addColumn('registered_model_aliases', workspaceColumn),
    replacePrimaryKey('registered_model_aliases', 'registered_model_alias_pk', [
      'workspace',
      'name',
      'alias',
    ]),
    addForeignKey(
      'registered_model_aliases',
      toModel('fk_registered_model_aliases_registered_models', 'CASCADE'),
    ),

    addColumn('evaluation_datasets', workspaceColumn),
    addColumn('webhooks', workspaceColumn),

    dropUnique('secrets', ['secret_name']),
    addColumn('secrets', workspaceColumn),
    addUnique('secrets', unique(['workspace', 'secret_name'], 'uq_secrets_workspace_secret_name')),

    dropUnique('endpoints', ['name']),
    addColumn('endpoints', workspaceColumn),
    addUnique('endpoints', unique(['workspace', 'name'], 'uq_endpoints_workspace_name')),

    dropUnique('model_definitions', ['name']),
    addColumn('model_definitions', workspaceColumn),
    addUnique('model_definitions', unique(['workspace', 'name'], 'uq_model_definitions_workspace_name')),

    dropIndex('jobs', 'index_jobs_name_status_creation_time'),
    addColumn('jobs', workspaceColumn),
    createIndex(
      'jobs',
      index('index_jobs_name_status_creation_time', ['job_name', 'workspace', 'status', 'creation_time']),
    ),

    createIndex('experiments', index('idx_experiments_workspace', ['workspace'])),
    createIndex('registered_models', index('idx_registered_models_workspace', ['workspace'])),
    createIndex(
      'experiments',
      index('idx_experiments_workspace_creation_time', ['workspace', 'creation_time']),
    ),
    createIndex('evaluation_datasets', index('idx_evaluation_datasets_workspace', ['workspace'])),
    createIndex('webhooks', index('idx_webhooks_workspace', ['workspace'])),
    createIndex('secrets', index('idx_secrets_workspace', ['workspace'])),
    createIndex('endpoints', index('idx_endpoints_workspace', ['workspace'])),
    createIndex('model_definitions', index('idx_model_definitions_workspace', ['workspace'])),

    createTable(
      table('workspaces', {
        columns: [
          required('name', string(63)),
          column('description', text()),
          column('default_artifact_root', text()),
        ],
        primaryKey: ['workspaces_pk', ['name']],
      }),
    ),
    insertRow('workspaces', { name: 'default', description: 'Default workspace for legacy resources' }),
  ],
});

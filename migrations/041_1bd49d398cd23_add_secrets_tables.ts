import {
  bigint,
  binary,
  column,
  createIndex,
  createTable,
  createTrigger,
  float,
  foreignKey,
  index,
  integer,
  required,
  revision,
  string,
  table,
  text,
} from '../src/schema/index.js';

const created = [column('created_by', string(255)), required('created_at', bigint)];
const updated = [column('last_updated_by', string(255)), required('last_updated_at', bigint)];
const toEndpoint = (name: string) =>
  foreignKey(['endpoint_id'], 'endpoints', ['endpoint_id'], { name, onDelete: 'CASCADE' });

export default revision({
  revision: '1bd49d398cd23',
  down: 'bf29a5ff90ea',
  title: 'add secrets and gateway endpoints',
  release: '3.8.0',
  created: '2025-11-20',
  up: [
    createTable(
      table('secrets', {
        columns: [
          required('secret_id', string(36)),
          required('secret_name', string(255)),
          required('encrypted_value', binary),
          required('wrapped_dek', binary),
          required('kek_version', integer),
          required('masked_value', string(500)),
          column('provider', string(64)),
          column('auth_config', text()),
          column('description', text()),
          ...created,
          ...updated,
        ],
        primaryKey: ['secrets_pk', ['secret_id']],
      }),
    ),
    createIndex('secrets', index('unique_secret_name', ['secret_name'], { unique: true })),

    createTable(
      table('endpoints', {
        columns: [required('endpoint_id', string(36)), column('name', string(255)), ...created, ...updated],
        primaryKey: ['endpoints_pk', ['endpoint_id']],
      }),
    ),
    createIndex('endpoints', index('unique_endpoint_name', ['name'], { unique: true })),

    createTable(
      table('model_definitions', {
        columns: [
          required('model_definition_id', string(36)),
          required('name', string(255)),
          column('secret_id', string(36)),
          required('provider', string(64)),
          required('model_name', string(256)),
          ...created,
          ...updated,
        ],
        primaryKey: ['model_definitions_pk', ['model_definition_id']],
        foreignKeys: [
          foreignKey(['secret_id'], 'secrets', ['secret_id'], {
            name: 'fk_model_definitions_secret_id',
            onDelete: 'SET NULL',
          }),
        ],
      }),
    ),
    createIndex('model_definitions', index('unique_model_definition_name', ['name'], { unique: true })),
    createIndex('model_definitions', index('index_model_definitions_secret_id', ['secret_id'])),
    createIndex('model_definitions', index('index_model_definitions_provider', ['provider'])),

    createTable(
      table('endpoint_model_mappings', {
        columns: [
          required('mapping_id', string(36)),
          required('endpoint_id', string(36)),
          required('model_definition_id', string(36)),
          required('weight', float()),
          ...created,
        ],
        primaryKey: ['endpoint_model_mappings_pk', ['mapping_id']],
        foreignKeys: [
          toEndpoint('fk_endpoint_model_mappings_endpoint_id'),
          foreignKey(['model_definition_id'], 'model_definitions', ['model_definition_id'], {
            name: 'fk_endpoint_model_mappings_model_definition_id',
          }),
        ],
      }),
    ),
    createIndex(
      'endpoint_model_mappings',
      index('index_endpoint_model_mappings_endpoint_id', ['endpoint_id']),
    ),
    createIndex(
      'endpoint_model_mappings',
      index('index_endpoint_model_mappings_model_definition_id', ['model_definition_id']),
    ),
    createIndex(
      'endpoint_model_mappings',
      index('unique_endpoint_model_mapping', ['endpoint_id', 'model_definition_id'], { unique: true }),
    ),

    createTable(
      table('endpoint_bindings', {
        columns: [
          required('endpoint_id', string(36)),
          required('resource_type', string(50)),
          required('resource_id', string(255)),
          required('created_at', bigint),
          column('created_by', string(255)),
          required('last_updated_at', bigint),
          column('last_updated_by', string(255)),
        ],
        primaryKey: ['endpoint_bindings_pk', ['endpoint_id', 'resource_type', 'resource_id']],
        foreignKeys: [toEndpoint('fk_endpoint_bindings_endpoint_id')],
      }),
    ),

    createTable(
      table('endpoint_tags', {
        columns: [
          required('key', string(250)),
          column('value', string(5000)),
          required('endpoint_id', string(36)),
        ],
        primaryKey: ['endpoint_tag_pk', ['key', 'endpoint_id']],
        foreignKeys: [toEndpoint('fk_endpoint_tags_endpoint_id')],
      }),
    ),
    createIndex('endpoint_tags', index('index_endpoint_tags_endpoint_id', ['endpoint_id'])),

    createTrigger('secrets', {
      kind: 'immutable',
      name: 'prevent_secrets_aad_mutation',
      columns: ['secret_id', 'secret_name'],
      message: 'secret_id and secret_name are immutable (used as AAD in encryption)',
    }),
  ],
});

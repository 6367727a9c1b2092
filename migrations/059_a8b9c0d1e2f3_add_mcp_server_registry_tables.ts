import {
  bigint,
  column,
  createIndex,
  createTable,
  foreignKey,
  index,
  integer,
  json,
  literal,
  required,
  revision,
  string,
  table,
  text,
} from '../src/schema/index.js';
import { workspaceColumn } from './shared.js';

const authorship = [
  column('created_by', string(256)),
  column('last_updated_by', string(256)),
  required('created_at', bigint),
  required('last_updated_at', bigint),
];
const toServer = (name: string, column = 'name') =>
  foreignKey(['workspace', column], 'mcp_servers', ['workspace', 'name'], {
    name,
    onDelete: 'CASCADE',
    onUpdate: 'CASCADE',
  });

export default revision({
  revision: 'a8b9c0d1e2f3',
  down: 'b7e4c1a90f23',
  title: 'add the MCP server registry',
  release: '3.15.0',
  created: '2026-05-11',
  up: [
    createTable(
      table('mcp_servers', {
        columns: [
          workspaceColumn,
          required('name', string(256)),
          column('display_name', string(256)),
          column('description', text()),
          column('icons', json),
          ...authorship,
        ],
        primaryKey: ['mcp_servers_pk', ['workspace', 'name']],
      }),
    ),
    createTable(
      table('mcp_server_versions', {
        columns: [
          workspaceColumn,
          required('name', string(256)),
          required('version', string(128)),
          required('version_major', integer),
          required('version_minor', integer),
          required('version_patch', integer),
          required('version_prerelease_sort_key', string(512)),
          required('server_json', json),
          required('status', string(20), { default: literal('draft') }),
          column('tools', json),
          column('source', string(512)),
          column('connect_options', json),
          ...authorship,
        ],
        primaryKey: ['mcp_server_versions_pk', ['workspace', 'name', 'version']],
        foreignKeys: [toServer('mcp_server_versions_server_fkey')],
      }),
    ),
    createTable(
      table('mcp_server_tags', {
        columns: [
          workspaceColumn,
          required('name', string(256)),
          required('key', string(250)),
          column('value', string(5000)),
        ],
        primaryKey: ['mcp_server_tags_pk', ['workspace', 'name', 'key']],
        foreignKeys: [toServer('mcp_server_tags_server_fkey')],
      }),
    ),
    createTable(
      table('mcp_server_version_tags', {
        columns: [
          workspaceColumn,
          required('name', string(256)),
          required('version', string(128)),
          required('key', string(250)),
          column('value', string(5000)),
        ],
        primaryKey: ['mcp_server_version_tags_pk', ['workspace', 'name', 'version', 'key']],
        foreignKeys: [
          foreignKey(
            ['workspace', 'name', 'version'],
            'mcp_server_versions',
            ['workspace', 'name', 'version'],
            {
              name: 'mcp_server_version_tags_version_fkey',
              onDelete: 'CASCADE',
              onUpdate: 'CASCADE',
            },
          ),
        ],
      }),
    ),
    createTable(
      table('mcp_server_aliases', {
        columns: [
          workspaceColumn,
          required('name', string(256)),
          required('alias', string(256)),
          required('version', string(128)),
        ],
        primaryKey: ['mcp_server_aliases_pk', ['workspace', 'name', 'alias']],
        foreignKeys: [toServer('mcp_server_aliases_server_fkey')],
      }),
    ),
    createTable(
      table('mcp_access_endpoints', {
        columns: [
          required('id', string(36)),
          workspaceColumn,
          required('server_name', string(256)),
          column('server_version', string(128)),
          column('server_alias', string(256)),
          required('url', string(2048)),
          required('transport_type', string(32), { default: literal('streamable-http') }),
          ...authorship,
        ],
        primaryKey: ['mcp_access_endpoints_pk', ['id']],
        foreignKeys: [toServer('mcp_access_endpoints_server_fkey', 'server_name')],
      }),
    ),
    // The latest version first; MySQL's 3072 bytes a key leave no room for the rest of the order.
    createIndex(
      'mcp_server_versions',
      index('idx_mcp_server_versions_latest', [
        'workspace',
        'name',
        'status',
        'version_major DESC',
        'version_minor DESC',
        'version_patch DESC',
      ]),
    ),
    createIndex(
      'mcp_access_endpoints',
      index('ix_mcp_access_endpoints_server_name', ['workspace', 'server_name']),
    ),
    createIndex(
      'mcp_access_endpoints',
      index('ix_mcp_access_endpoints_version', ['workspace', 'server_name', 'server_version']),
    ),
    createIndex(
      'mcp_access_endpoints',
      index('ix_mcp_access_endpoints_alias', ['workspace', 'server_name', 'server_alias']),
    ),
  ],
});

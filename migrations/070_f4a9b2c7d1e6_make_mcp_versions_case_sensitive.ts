import {
  addForeignKey,
  alterColumn,
  createIndex,
  dropForeignKey,
  foreignKey,
  index,
  only,
  replacePrimaryKey,
  revision,
  string,
} from '../src/schema/index.js';
import { refuseInexactVersions } from './rows/mcp-versions.js';

const exact = string(128, { caseSensitive: true });
const version = ['workspace', 'name', 'version'];

/**
 * SQLite and PostgreSQL tell case apart already: nothing changes there. Elsewhere the foreign key between two of the
 * columns goes before their collation can change, and comes back. MLflow also takes the keys and the index on them
 * away and builds them again: on MySQL, where it may die in between, they are a part of the revision.
 */
export default revision({
  revision: 'f4a9b2c7d1e6',
  down: '8b6ad64cb8f5',
  title: 'tell MCP server versions apart by case',
  release: '3.18.0',
  created: '2026-09-16',
  irreversible: {
    kind: 'widened',
    tables: ['mcp_server_versions', 'mcp_server_version_tags'],
    why: 'versions of an MCP server may differ in case only, which the key before cannot tell apart',
    dialects: ['mysql', 'mssql'],
  },
  up: [
    only(
      ['mysql', 'mssql'],
      refuseInexactVersions,
      dropForeignKey('mcp_server_version_tags', 'mcp_server_versions'),
    ),
    alterColumn('mcp_server_versions', 'version', { type: exact }),
    only(['mysql'], replacePrimaryKey('mcp_server_versions', 'mcp_server_versions_pk', version)),
    alterColumn('mcp_server_version_tags', 'version', { type: exact }),
    only(
      ['mysql'],
      replacePrimaryKey('mcp_server_version_tags', 'mcp_server_version_tags_pk', [...version, 'key']),
    ),
    alterColumn('mcp_server_aliases', 'version', { type: exact }),
    alterColumn('mcp_access_endpoints', 'server_version', { type: exact }),
    only(
      ['mysql'],
      createIndex(
        'mcp_access_endpoints',
        index('ix_mcp_access_endpoints_version', ['workspace', 'server_name', 'server_version']),
      ),
    ),
    only(
      ['mysql', 'mssql'],
      addForeignKey(
        'mcp_server_version_tags',
        foreignKey(version, 'mcp_server_versions', version, {
          name: 'mcp_server_version_tags_version_fkey',
          onDelete: 'CASCADE',
          onUpdate: 'CASCADE',
        }),
      ),
    ),
  ],
});

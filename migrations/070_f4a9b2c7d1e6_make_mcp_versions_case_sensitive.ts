import {
  addForeignKey,
  alterColumn,
  dropForeignKey,
  foreignKey,
  only,
  revision,
  string,
} from '../src/schema/index.js';
import { refuseInexactVersions } from './rows/mcp-versions.js';

const exact = string(128, { caseSensitive: true });

/**
 * SQLite and PostgreSQL tell case apart already: nothing changes there. Elsewhere the foreign
 * key between two of the columns goes before their collation can change, and comes back.
 */
export default revision({
  revision: 'f4a9b2c7d1e6',
  down: '8b6ad64cb8f5',
  title: 'tell MCP server versions apart by case',
  release: '3.18.0',
  up: [
    only(
      ['mysql', 'mssql'],
      refuseInexactVersions,
      dropForeignKey('mcp_server_version_tags', 'mcp_server_versions'),
    ),
    alterColumn('mcp_server_versions', 'version', { type: exact }),
    alterColumn('mcp_server_version_tags', 'version', { type: exact }),
    alterColumn('mcp_server_aliases', 'version', { type: exact }),
    alterColumn('mcp_access_endpoints', 'server_version', { type: exact }),
    only(
      ['mysql', 'mssql'],
      addForeignKey(
        'mcp_server_version_tags',
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
      ),
    ),
  ],
});

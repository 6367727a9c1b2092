import { alterColumn, only, revision, string } from '../src/schema/index.js';
import { refuseInexactVersions } from './rows/mcp-versions.js';

const exact = string(128, { caseSensitive: true });

/**
 * SQLite and PostgreSQL tell case apart already: nothing changes there. MySQL must drop the keys and the index on
 * these columns before their collation can change, and build them again; what they are stays as it was.
 */
export default revision({
  revision: 'f4a9b2c7d1e6',
  down: '8b6ad64cb8f5',
  title: 'tell MCP server versions apart by case',
  release: '3.18.0',
  up: [
    only(['mysql', 'mssql'], refuseInexactVersions),
    alterColumn('mcp_server_versions', 'version', { type: exact }),
    alterColumn('mcp_server_version_tags', 'version', { type: exact }),
    alterColumn('mcp_server_aliases', 'version', { type: exact }),
    alterColumn('mcp_access_endpoints', 'server_version', { type: exact }),
  ],
});

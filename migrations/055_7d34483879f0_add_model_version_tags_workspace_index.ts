import { createIndex, index, revision } from '../src/schema/index.js';

/** The new primary keys have `key` between the columns that a lookup knows. */
export default revision({
  revision: '7d34483879f0',
  down: 'ae8bbe7743c9',
  title: 'index registry tags by workspace',
  release: '3.12.0',
  created: '2026-04-08',
  up: [
    createIndex(
      'model_version_tags',
      index('idx_model_version_tags_workspace_name_version', ['workspace', 'name', 'version']),
    ),
    createIndex(
      'registered_model_tags',
      index('idx_registered_model_tags_workspace_name', ['workspace', 'name']),
    ),
  ],
});

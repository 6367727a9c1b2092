import {
  addColumn,
  column,
  createIndex,
  dropIndex,
  index,
  integer,
  literal,
  required,
  revision,
  string,
  text,
} from '../src/schema/index.js';

export default revision({
  revision: 'c9d4e5f6a7b8',
  down: '5d2d30f0abce',
  title: 'add routing and fallbacks to endpoints',
  release: '3.9.0',
  created: '2025-12-18',
  irreversible: {
    kind: 'widened',
    tables: ['endpoint_model_mappings'],
    why: 'an endpoint may map one model twice, as primary and as fallback, which the key before cannot hold',
  },
  up: [
    addColumn('endpoints', column('routing_strategy', string(64))),
    addColumn('endpoints', column('fallback_config_json', text())),
    addColumn(
      'endpoint_model_mappings',
      required('linkage_type', string(64), { default: literal('PRIMARY') }),
    ),
    addColumn('endpoint_model_mappings', column('fallback_order', integer)),
    dropIndex('endpoint_model_mappings', 'unique_endpoint_model_mapping'),
    createIndex(
      'endpoint_model_mappings',
      index('unique_endpoint_model_linkage_mapping', ['endpoint_id', 'model_definition_id', 'linkage_type'], {
        unique: true,
      }),
    ),
  ],
});

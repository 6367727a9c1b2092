import {
  bigint,
  column,
  createIndex,
  createTable,
  index,
  required,
  revision,
  string,
  table,
} from '../src/schema/index.js';

export default revision({
  revision: 'de4033877273',
  down: 'a1b2c3d4e5f6',
  title: 'add associations between entities',
  release: '3.3.0',
  created: '2025-07-28',
  up: [
    createTable(
      table('entity_associations', {
        columns: [
          required('association_id', string(36)),
          required('source_type', string(36)),
          required('source_id', string(36)),
          required('destination_type', string(36)),
          required('destination_id', string(36)),
          column('created_time', bigint),
        ],
        primaryKey: [
          'entity_associations_pk',
          ['source_type', 'source_id', 'destination_type', 'destination_id'],
        ],
      }),
    ),
    createIndex('entity_associations', index('index_entity_associations_association_id', ['association_id'])),
    createIndex(
      'entity_associations',
      index('index_entity_associations_reverse_lookup', [
        'destination_type',
        'destination_id',
        'source_type',
        'source_id',
      ]),
    ),
  ],
});

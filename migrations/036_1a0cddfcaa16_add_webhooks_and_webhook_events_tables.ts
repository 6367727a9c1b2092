import {
  bigint,
  column,
  createIndex,
  createTable,
  foreignKey,
  index,
  literal,
  required,
  revision,
  string,
  table,
} from '../src/schema/index.js';

export default revision({
  revision: '1a0cddfcaa16',
  down: 'de4033877273',
  title: 'add webhooks',
  release: '3.3.0',
  created: '2025-07-07',
  up: [
    createTable(
      table('webhooks', {
        columns: [
          required('webhook_id', string(256)),
          required('name', string(256)),
          column('description', string(1000)),
          required('url', string(500)),
          required('status', string(20), { default: literal('ACTIVE') }),
          column('secret', string(1000)),
          column('creation_timestamp', bigint),
          column('last_updated_timestamp', bigint),
          column('deleted_timestamp', bigint),
        ],
        primaryKey: ['webhook_pk', ['webhook_id']],
      }),
    ),
    createIndex('webhooks', index('idx_webhooks_status', ['status'])),
    createIndex('webhooks', index('idx_webhooks_name', ['name'])),
    createTable(
      table('webhook_events', {
        columns: [
          required('webhook_id', string(256)),
          required('entity', string(50)),
          required('action', string(50)),
        ],
        primaryKey: ['webhook_event_pk', ['webhook_id', 'entity', 'action']],
        foreignKeys: [foreignKey(['webhook_id'], 'webhooks', ['webhook_id'], { onDelete: 'CASCADE' })],
      }),
    ),
    createIndex('webhook_events', index('idx_webhook_events_entity', ['entity'])),
    createIndex('webhook_events', index('idx_webhook_events_action', ['action'])),
    createIndex('webhook_events', index('idx_webhook_events_entity_action', ['entity', 'action'])),
  ],
});

import {
  bigint,
  column,
  createIndex,
  createTable,
  foreignKey,
  index,
  integer,
  required,
  revision,
  string,
  table,
  unique,
} from '../src/schema/index.js';

const toQueue = (name: string) =>
  foreignKey(['queue_id'], 'review_queues', ['queue_id'], { name, onDelete: 'CASCADE' });

export default revision({
  revision: 'b7e4c1a90f23',
  down: '89d3d66ed43f',
  title: 'add review queues',
  release: '3.14.0',
  created: '2026-06-05',
  up: [
    createTable(
      table('review_queues', {
        columns: [
          required('queue_id', string(36)),
          required('experiment_id', integer),
          required('name', string(250)),
          required('queue_type', string(16)),
          column('created_by', string(255)),
          required('creation_time_ms', bigint),
          required('last_update_time_ms', bigint),
          required('name_key', string(250)),
        ],
        primaryKey: ['review_queues_pk', ['queue_id']],
        uniques: [unique(['experiment_id', 'name_key'], 'uq_review_queues_experiment_name_key')],
        foreignKeys: [
          foreignKey(['experiment_id'], 'experiments', ['experiment_id'], {
            name: 'fk_review_queues_experiment_id',
            onDelete: 'CASCADE',
          }),
        ],
      }),
    ),
    createIndex('review_queues', index('index_review_queues_experiment_id', ['experiment_id'])),
    createTable(
      table('review_queue_users', {
        columns: [required('queue_id', string(36)), required('user_id', string(250))],
        primaryKey: ['review_queue_users_pk', ['queue_id', 'user_id']],
        foreignKeys: [toQueue('fk_review_queue_users_queue_id')],
      }),
    ),
    createIndex('review_queue_users', index('index_review_queue_users_user_id', ['user_id'])),
    createTable(
      table('review_queue_items', {
        columns: [
          required('queue_id', string(36)),
          required('item_type', string(16)),
          required('item_id', string(50)),
          required('status', string(16)),
          column('completed_by', string(250)),
          column('completed_time_ms', bigint),
          required('creation_time_ms', bigint),
          required('last_update_time_ms', bigint),
        ],
        primaryKey: ['review_queue_items_pk', ['queue_id', 'item_id']],
        foreignKeys: [toQueue('fk_review_queue_items_queue_id')],
      }),
    ),
    createIndex(
      'review_queue_items',
      index('index_review_queue_items_queue_id_status', ['queue_id', 'status']),
    ),
    createIndex('review_queue_items', index('index_review_queue_items_item_id', ['item_id'])),
    // No foreign key to label_schemas: SQL Server refuses a second path of cascades from experiments.
    createTable(
      table('review_queue_label_schemas', {
        columns: [required('queue_id', string(36)), required('schema_id', string(36))],
        primaryKey: ['review_queue_label_schemas_pk', ['queue_id', 'schema_id']],
        foreignKeys: [toQueue('fk_review_queue_label_schemas_queue_id')],
      }),
    ),
    createIndex(
      'review_queue_label_schemas',
      index('index_review_queue_label_schemas_schema_id', ['schema_id']),
    ),
  ],
});

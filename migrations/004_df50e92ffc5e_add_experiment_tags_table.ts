import {
  column,
  createTable,
  foreignKey,
  integer,
  required,
  revision,
  string,
  table,
} from '../src/schema/index.js';

export default revision({
  revision: 'df50e92ffc5e',
  down: '181f10493468',
  title: 'add experiment tags',
  release: '1.2.0',
  created: '2019-07-15',
  up: [
    createTable(
      table('experiment_tags', {
        columns: [
          required('key', string(250)),
          column('value', string(5000)),
          required('experiment_id', integer),
        ],
        primaryKey: ['experiment_tag_pk', ['key', 'experiment_id']],
        foreignKeys: [foreignKey(['experiment_id'], 'experiments', ['experiment_id'])],
      }),
    ),
  ],
});

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
  text,
} from '../src/schema/index.js';

export default revision({
  revision: '534353b11cbc',
  down: '1a0cddfcaa16',
  title: 'add scorers',
  release: '3.4.0',
  created: '2025-01-27',
  up: [
    createTable(
      table('scorers', {
        columns: [
          required('experiment_id', integer),
          required('scorer_name', string(256)),
          required('scorer_id', string(36)),
        ],
        primaryKey: ['scorer_pk', ['scorer_id']],
        foreignKeys: [
          foreignKey(['experiment_id'], 'experiments', ['experiment_id'], {
            name: 'fk_scorers_experiment_id',
            onDelete: 'CASCADE',
          }),
        ],
      }),
    ),
    createTable(
      table('scorer_versions', {
        columns: [
          required('scorer_id', string(36)),
          required('scorer_version', integer),
          required('serialized_scorer', text()),
          column('creation_time', bigint),
        ],
        primaryKey: ['scorer_version_pk', ['scorer_id', 'scorer_version']],
        foreignKeys: [
          foreignKey(['scorer_id'], 'scorers', ['scorer_id'], {
            name: 'fk_scorer_versions_scorer_id',
            onDelete: 'CASCADE',
          }),
        ],
      }),
    ),
    createIndex(
      'scorers',
      index('index_scorers_experiment_id_scorer_name', ['experiment_id', 'scorer_name'], { unique: true }),
    ),
    createIndex('scorer_versions', index('index_scorer_versions_scorer_id', ['scorer_id'])),
  ],
});

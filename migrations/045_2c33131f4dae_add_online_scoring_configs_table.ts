import {
  column,
  createTable,
  float,
  foreignKey,
  integer,
  required,
  revision,
  string,
  table,
  text,
} from '../src/schema/index.js';

export default revision({
  revision: '2c33131f4dae',
  down: 'c9d4e5f6a7b8',
  title: 'add online scoring',
  release: '3.9.0',
  created: '2025-01-27',
  up: [
    createTable(
      table('online_scoring_configs', {
        columns: [
          required('online_scoring_config_id', string(36)),
          required('scorer_id', string(36)),
          required('sample_rate', float(53)),
          required('experiment_id', integer),
          column('filter_string', text()),
        ],
        primaryKey: ['online_scoring_config_pk', ['online_scoring_config_id']],
        foreignKeys: [
          foreignKey(['scorer_id'], 'scorers', ['scorer_id'], {
            name: 'fk_online_scoring_configs_scorer_id',
            onDelete: 'CASCADE',
          }),
          foreignKey(['experiment_id'], 'experiments', ['experiment_id'], {
            name: 'fk_online_scoring_configs_experiment_id',
          }),
        ],
      }),
    ),
  ],
});

import {
  addColumn,
  addForeignKey,
  boolean,
  column,
  foreignKey,
  integer,
  literal,
  required,
  revision,
} from '../src/schema/index.js';

export default revision({
  revision: 'd0e1f2a3b4c5',
  down: 'd3e4f5a6b7c8',
  title: 'track the usage of endpoints in an experiment',
  release: '3.10.0',
  created: '2025-01-13',
  up: [
    addColumn('endpoints', column('experiment_id', integer)),
    addColumn('endpoints', required('usage_tracking', boolean, { default: literal('0') })),
    addForeignKey(
      'endpoints',
      foreignKey(['experiment_id'], 'experiments', ['experiment_id'], {
        name: 'fk_endpoints_experiment_id',
        onDelete: 'SET NULL',
      }),
    ),
  ],
});

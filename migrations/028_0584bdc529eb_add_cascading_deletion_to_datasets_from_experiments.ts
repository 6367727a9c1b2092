import { addForeignKey, dropForeignKey, foreignKey, revision } from '../src/schema/index.js';

export default revision({
  revision: '0584bdc529eb',
  down: 'f5a4f2784254',
  title: 'delete datasets with their experiment',
  release: '2.18.0',
  created: '2024-11-11',
  up: [
    dropForeignKey('datasets', 'experiments', { columns: ['experiment_id'], mustExist: true }),
    addForeignKey(
      'datasets',
      foreignKey(['experiment_id'], 'experiments', ['experiment_id'], {
        name: 'fk_datasets_experiment_id_experiments',
        onDelete: 'CASCADE',
      }),
    ),
  ],
});

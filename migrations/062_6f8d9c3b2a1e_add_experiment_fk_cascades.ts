import { addForeignKey, dropForeignKey, foreignKey, revision } from '../src/schema/index.js';

export default revision({
  revision: '6f8d9c3b2a1e',
  down: 'c3d9e7f1a2b4',
  title: 'delete traces with their experiment',
  release: '3.15.0',
  created: '2026-07-09',
  up: [
    dropForeignKey('trace_info', 'experiments', { columns: ['experiment_id'] }),
    addForeignKey(
      'trace_info',
      foreignKey(['experiment_id'], 'experiments', ['experiment_id'], {
        name: 'fk_trace_info_experiment_id',
        onDelete: 'CASCADE',
      }),
    ),
  ],
});

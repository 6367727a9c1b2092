import { addColumn, column, json, revision } from '../src/schema/index.js';

export default revision({
  revision: '3da73c924c2f',
  down: '71994744cf8e',
  title: 'add outputs to evaluation dataset records',
  release: '3.5.0',
  created: '2025-01-16',
  up: [addColumn('evaluation_dataset_records', column('outputs', json))],
});

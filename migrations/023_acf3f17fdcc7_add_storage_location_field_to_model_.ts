import { addColumn, column, revision, string } from '../src/schema/index.js';

export default revision({
  revision: 'acf3f17fdcc7',
  down: '2d6e25af4d3e',
  title: 'remember where a model version is stored',
  release: '2.8.0',
  created: '2023-10-23',
  up: [addColumn('model_versions', column('storage_location', string(500)))],
});

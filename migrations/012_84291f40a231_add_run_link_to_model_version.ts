import { addColumn, column, revision, string } from '../src/schema/index.js';

export default revision({
  revision: '84291f40a231',
  down: '27a6a02d2cf1',
  title: 'link model versions to runs',
  release: '1.11.0',
  created: '2020-07-16',
  up: [addColumn('model_versions', column('run_link', string(500)))],
});

import { addColumn, column, revision, string } from '../src/schema/index.js';

export default revision({
  revision: 'b7e2c1a4d9f3',
  down: '17e22815139b',
  title: 'remember who created a job',
  release: '3.16.0',
  created: '2026-08-13',
  up: [addColumn('jobs', column('creator', string(255)))],
});

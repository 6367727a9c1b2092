import { addColumn, column, json, revision } from '../src/schema/index.js';

export default revision({
  revision: 'c3d6457b6d8a',
  down: '76601a5f987d',
  title: 'add details to the status of jobs',
  release: '3.11.0',
  created: '2026-03-20',
  up: [addColumn('jobs', column('status_details', json))],
});

import { addColumn, column, revision, string } from '../src/schema/index.js';

export default revision({
  revision: 'd3e4f5a6b7c8',
  down: '2c33131f4dae',
  title: 'give endpoint bindings a name to show',
  release: '3.9.0',
  created: '2026-01-21',
  up: [addColumn('endpoint_bindings', column('display_name', string(255)))],
});

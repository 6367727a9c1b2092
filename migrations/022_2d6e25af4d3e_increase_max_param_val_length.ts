import { alterColumn, revision, string } from '../src/schema/index.js';

export default revision({
  revision: '2d6e25af4d3e',
  down: '7f2a7d5fae7d',
  title: 'parameters of up to 8000 characters',
  release: '2.8.0',
  created: '2023-09-25',
  irreversible: {
    kind: 'widened',
    tables: ['params'],
    why: 'parameters may be up to 8000 characters long, 500 before; MLflow says that it cannot be undone',
    never: true,
  },
  up: [alterColumn('params', 'value', { type: string(8000) })],
});

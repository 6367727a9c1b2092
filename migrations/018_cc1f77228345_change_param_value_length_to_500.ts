import { alterColumn, revision, string } from '../src/schema/index.js';

export default revision({
  revision: 'cc1f77228345',
  down: '0c779009ac13',
  title: 'parameters of up to 500 characters',
  release: '1.28.0',
  created: '2022-08-04',
  irreversible: {
    kind: 'widened',
    tables: ['params'],
    why: 'parameters may be up to 500 characters long, 250 before',
  },
  up: [alterColumn('params', 'value', { type: string(500), nullable: false })],
});

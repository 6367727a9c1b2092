import { alterColumn, revision, string } from '../src/schema/index.js';

export default revision({
  revision: '7ac759974ad8',
  down: 'df50e92ffc5e',
  title: 'run tags of up to 5000 characters',
  release: '1.2.0',
  created: '2019-07-30',
  irreversible: {
    kind: 'widened',
    tables: ['tags'],
    why: 'run tags may be up to 5000 characters long, 250 before',
  },
  up: [alterColumn('tags', 'value', { type: string(5000) })],
});

import { alterColumn, revision, string } from '../src/schema/index.js';

export default revision({
  revision: 'f5a4f2784254',
  down: '4465047574b1',
  title: 'run tags of up to 8000 characters',
  release: '2.17.0',
  created: '2024-09-18',
  irreversible: {
    kind: 'widened',
    tables: ['tags'],
    why: 'run tags may be up to 8000 characters long, 5000 before',
  },
  up: [alterColumn('tags', 'value', { type: string(8000) })],
});

import { alterColumn, revision, text } from '../src/schema/index.js';

export default revision({
  revision: '17e22815139b',
  down: '1971f2d9a75b',
  title: 'experiment tags of up to 20000 characters',
  release: '3.16.0',
  created: '2026-08-13',
  irreversible: {
    kind: 'widened',
    tables: ['experiment_tags'],
    why: 'experiment tags may be up to 20000 characters long, 5000 before',
  },
  up: [alterColumn('experiment_tags', 'value', { type: text('medium', { unicode: true }) })],
});

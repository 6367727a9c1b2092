import { alterColumn, revision, text } from '../src/schema/index.js';

export default revision({
  revision: 'bda7b8c39065',
  down: '6953534de441',
  title: 'model version tags of any length',
  release: '3.0.1',
  created: '2025-06-23',
  irreversible: {
    kind: 'widened',
    tables: ['model_version_tags'],
    why: 'model version tags may be longer than the 5000 characters of before',
  },
  up: [alterColumn('model_version_tags', 'value', { type: text() })],
});

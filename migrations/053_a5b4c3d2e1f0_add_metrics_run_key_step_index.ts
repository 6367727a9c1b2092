import { createIndex, index, revision } from '../src/schema/index.js';

export default revision({
  revision: 'a5b4c3d2e1f0',
  down: 'c3d6457b6d8a',
  title: 'index the history of a metric',
  release: '3.12.0',
  created: '2026-03-10',
  up: [createIndex('metrics', index('index_metrics_run_uuid_key_step', ['run_uuid', 'key', 'step']))],
});

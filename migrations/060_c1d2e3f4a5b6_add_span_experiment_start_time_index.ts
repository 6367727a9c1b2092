import { createIndex, dropIndex, index, revision } from '../src/schema/index.js';

/** The new index begins with the only column of the old one, so it replaces it. */
export default revision({
  revision: 'c1d2e3f4a5b6',
  down: 'a8b9c0d1e2f3',
  title: 'index the spans of an experiment by start time',
  release: '3.15.0',
  created: '2026-07-10',
  up: [
    dropIndex('spans', 'index_spans_experiment_id'),
    createIndex(
      'spans',
      index('index_spans_experiment_id_start_time', ['experiment_id', 'start_time_unix_nano']),
    ),
  ],
});

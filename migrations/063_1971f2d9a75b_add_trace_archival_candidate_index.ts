import { createIndex, index, revision } from '../src/schema/index.js';

export default revision({
  revision: '1971f2d9a75b',
  down: '6f8d9c3b2a1e',
  title: 'index traces to archive',
  release: '3.16.0',
  created: '2026-08-09',
  up: [
    createIndex(
      'trace_info',
      index('index_trace_info_timestamp_ms_request_id', ['timestamp_ms', 'request_id']),
    ),
  ],
});

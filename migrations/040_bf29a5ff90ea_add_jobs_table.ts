import {
  bigint,
  column,
  createIndex,
  createTable,
  float,
  index,
  integer,
  required,
  revision,
  string,
  table,
  text,
} from '../src/schema/index.js';

export default revision({
  revision: 'bf29a5ff90ea',
  down: '3da73c924c2f',
  title: 'add jobs',
  release: '3.5.0',
  created: '2025-09-11',
  up: [
    createTable(
      table('jobs', {
        columns: [
          required('id', string(36)),
          required('creation_time', bigint),
          required('function_fullname', string(500)),
          required('params', text()),
          column('timeout', float(53)),
          required('status', integer),
          column('result', text()),
          required('retry_count', integer),
          required('last_update_time', bigint),
        ],
        primaryKey: ['jobs_pk', ['id']],
      }),
    ),
    createIndex(
      'jobs',
      index('index_jobs_function_status_creation_time', ['function_fullname', 'status', 'creation_time']),
    ),
  ],
});

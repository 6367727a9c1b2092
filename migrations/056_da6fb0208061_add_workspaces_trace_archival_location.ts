import {
  addColumn,
  column,
  integer,
  literal,
  required,
  revision,
  string,
  text,
} from '../src/schema/index.js';

export default revision({
  revision: 'da6fb0208061',
  down: '7d34483879f0',
  title: 'let workspaces archive their traces',
  release: '3.13.0',
  created: '2026-04-03',
  up: [
    addColumn('trace_info', required('db_payload_generation', integer, { default: literal('0') })),
    addColumn('workspaces', column('trace_archival_location', text())),
    addColumn('workspaces', column('trace_archival_retention', string(32))),
  ],
});

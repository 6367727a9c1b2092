import { addColumn, column, revision, string } from '../src/schema/index.js';

export default revision({
  revision: 'cbc13b556ace',
  down: 'bda7b8c39065',
  title: 'add previews and the client request id to traces',
  release: '3.2.0',
  created: '2025-06-17',
  up: [
    addColumn('trace_info', column('client_request_id', string(50))),
    addColumn('trace_info', column('request_preview', string(1000))),
    addColumn('trace_info', column('response_preview', string(1000))),
  ],
});

import { addForeignKey, dropForeignKey, foreignKey, type Operation, revision } from '../src/schema/index.js';

const cascading = (child: string, name: string): Operation[] => [
  dropForeignKey(child, 'trace_info', { columns: ['request_id'] }),
  addForeignKey(
    child,
    foreignKey(['request_id'], 'trace_info', ['request_id'], { name, onDelete: 'CASCADE' }),
  ),
];

export default revision({
  revision: '5b0e9adcef9c',
  down: '867495a8f9d4',
  title: 'delete tags and metadata with their trace',
  release: '2.13.1',
  created: '2024-05-22',
  up: [
    ...cascading('trace_tags', 'fk_trace_tags_request_id'),
    ...cascading('trace_request_metadata', 'fk_trace_request_metadata_request_id'),
  ],
});

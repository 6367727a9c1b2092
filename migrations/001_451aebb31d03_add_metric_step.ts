import { addColumn, bigint, literal, replacePrimaryKey, required, revision } from '../src/schema/index.js';

export default revision({
  revision: '451aebb31d03',
  down: null,
  title: 'add metric step',
  release: '1.0.0',
  created: '2019-04-22',
  irreversible: {
    kind: 'widened',
    tables: ['metrics'],
    why: 'a metric may have several values at the same time that differ only in their step, which the key before cannot tell apart',
  },
  up: [
    addColumn('metrics', required('step', bigint, { default: literal('0') })),
    replacePrimaryKey('metrics', 'metric_pk', ['key', 'timestamp', 'step', 'run_uuid', 'value']),
  ],
});

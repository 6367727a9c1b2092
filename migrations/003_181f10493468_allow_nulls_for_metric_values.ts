import {
  addColumn,
  alterColumn,
  boolean,
  float,
  literal,
  replacePrimaryKey,
  required,
  revision,
} from '../src/schema/index.js';

export default revision({
  revision: '181f10493468',
  down: '90e64c465722',
  title: 'let metrics be NaN',
  release: '1.1.0',
  created: '2019-07-10',
  irreversible: {
    kind: 'widened',
    tables: ['metrics'],
    why: 'metrics may be NaN, and doubles on MySQL; the column before holds neither',
  },
  up: [
    alterColumn('metrics', 'value', { type: float(53), nullable: false }),
    addColumn('metrics', required('is_nan', boolean, { default: literal('0') })),
    replacePrimaryKey('metrics', 'metric_pk', ['key', 'timestamp', 'step', 'run_uuid', 'value', 'is_nan']),
  ],
});

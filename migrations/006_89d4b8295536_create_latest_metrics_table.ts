import {
  bigint,
  boolean,
  column,
  createTable,
  float,
  foreignKey,
  required,
  revision,
  string,
  table,
} from '../src/schema/index.js';
import { copyLatestMetrics } from './rows/latest-metrics.js';
import { latestMetrics } from './rows/unchanged.js';

export default revision({
  revision: '89d4b8295536',
  down: '7ac759974ad8',
  title: 'keep the latest value of every metric in a table of its own',
  release: '1.3.0',
  created: '2019-08-20',
  undo: { own: [latestMetrics] },
  up: [
    createTable(
      table('latest_metrics', {
        columns: [
          required('key', string(250)),
          required('value', float(53)),
          column('timestamp', bigint),
          required('step', bigint),
          required('is_nan', boolean),
          required('run_uuid', string(32)),
        ],
        primaryKey: ['latest_metric_pk', ['key', 'run_uuid']],
        foreignKeys: [foreignKey(['run_uuid'], 'runs', ['run_uuid'])],
      }),
    ),
    copyLatestMetrics,
  ],
});

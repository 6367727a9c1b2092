import { createIndex, index, revision } from '../src/schema/index.js';

export default revision({
  revision: 'bd07f7e963c5',
  down: 'c48cb773bb87',
  title: 'index run data by run',
  release: '1.25.0',
  created: '2022-03-03',
  up: [
    createIndex('params', index('index_params_run_uuid', ['run_uuid'])),
    createIndex('metrics', index('index_metrics_run_uuid', ['run_uuid'])),
    createIndex('latest_metrics', index('index_latest_metrics_run_uuid', ['run_uuid'])),
    createIndex('tags', index('index_tags_run_uuid', ['run_uuid'])),
  ],
});

import { addBooleanCheck, alterColumn, only, revision } from '../src/schema/index.js';

/**
 * MySQL describes a column anew when it changes one, and MLflow left the default out: `metrics.is_nan` has none
 * there until the next revision.
 */
export default revision({
  revision: '39d1c3be5f05',
  down: 'a8c4a736bde6',
  title: 'check that is_nan is a boolean',
  release: '1.15.0',
  created: '2021-03-16',
  up: [
    addBooleanCheck('latest_metrics', 'is_nan'),
    addBooleanCheck('metrics', 'is_nan'),
    only(['mysql'], alterColumn('metrics', 'is_nan', { default: null })),
  ],
});

import { addColumn, bigint, column, revision } from '../src/schema/index.js';

export default revision({
  revision: '97727af70f4d',
  down: 'cc1f77228345',
  title: 'remember when an experiment was created and changed',
  release: '1.29.0',
  created: '2022-08-26',
  up: [
    addColumn('experiments', column('creation_time', bigint)),
    addColumn('experiments', column('last_update_time', bigint)),
  ],
});

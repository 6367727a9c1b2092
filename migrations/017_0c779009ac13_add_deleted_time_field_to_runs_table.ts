import { addColumn, bigint, column, revision } from '../src/schema/index.js';

export default revision({
  revision: '0c779009ac13',
  down: 'bd07f7e963c5',
  title: 'remember when a run was deleted',
  release: '1.28.0',
  created: '2022-07-27',
  up: [addColumn('runs', column('deleted_time', bigint))],
});

import { revision } from '../src/schema/index.js';
import { tagFirstRunsWithTheirUser } from './rows/user-tags.js';

/** No change of the schema: the user of a run becomes its tag `mlflow.user`. */
export default revision({
  revision: '90e64c465722',
  down: '451aebb31d03',
  title: 'tag every run with its user',
  release: '1.0.0',
  created: '2019-05-29',
  undo: { leaves: 'the tags are as good before: any client may write mlflow.user' },
  up: [tagFirstRunsWithTheirUser],
});

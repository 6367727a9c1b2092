import { addBooleanCheck, alterColumn, literal, only, revision } from '../src/schema/index.js';

/** Mends what the revision before did on MySQL, and adds the same check a second time, which stays. */
export default revision({
  revision: 'c48cb773bb87',
  down: '39d1c3be5f05',
  title: 'give is_nan its default back on MySQL',
  release: '1.16.0',
  created: '2021-04-02',
  up: [
    only(
      ['mysql'],
      alterColumn('metrics', 'is_nan', { default: literal('0') }),
      addBooleanCheck('metrics', 'is_nan'),
    ),
  ],
});

import { dropCheck, only, revision } from '../src/schema/index.js';

/** The other servers dropped the old check one revision before. */
export default revision({
  revision: '0a8213491aaa',
  down: 'cfd24bdc0731',
  title: 'drop the run status check that MySQL kept',
  release: '1.6.0',
  created: '2020-01-28',
  irreversible: {
    kind: 'widened',
    tables: ['runs'],
    why: 'runs may have the status KILLED, which the check before refuses',
    dialects: ['mysql'],
  },
  up: [only(['mysql'], dropCheck('runs', 'status'))],
});

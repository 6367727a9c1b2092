import { alterColumn, only, revision, text } from '../src/schema/index.js';

/** The text of the other servers is large enough as it is. */
export default revision({
  revision: '4465047574b1',
  down: '5b0e9adcef9c',
  title: 'dataset schemas of up to 16 MiB on MySQL',
  release: '2.15.0',
  created: '2024-07-09',
  irreversible: {
    kind: 'widened',
    tables: ['datasets'],
    why: 'dataset schemas may be up to 16 MiB long, 64 KiB before',
    dialects: ['mysql'],
  },
  up: [only(['mysql'], alterColumn('datasets', 'dataset_schema', { type: text('medium') }))],
});

import { alterColumn, revision } from '../src/schema/index.js';

export default revision({
  revision: 'a8c4a736bde6',
  down: '84291f40a231',
  title: 'allow model versions without a run',
  release: '1.13.0',
  created: '2020-12-02',
  irreversible: {
    kind: 'widened',
    tables: ['model_versions'],
    why: 'model versions may have no run, which the column before does not allow',
  },
  up: [alterColumn('model_versions', 'run_id', { nullable: true })],
});

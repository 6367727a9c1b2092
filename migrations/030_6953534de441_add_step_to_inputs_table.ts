import { addColumn, bigint, literal, required, revision } from '../src/schema/index.js';

export default revision({
  revision: '6953534de441',
  down: '400f98739977',
  title: 'add a step to inputs',
  release: '3.0.0',
  created: '2025-02-13',
  up: [addColumn('inputs', required('step', bigint, { default: literal('0') }))],
});

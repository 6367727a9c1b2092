import { addColumn, column, createIndex, index, revision, string } from '../src/schema/index.js';

export default revision({
  revision: 'c3d9e7f1a2b4',
  down: 'c1d2e3f4a5b6',
  title: 'aim a budget at one endpoint or user',
  release: '3.15.0',
  created: '2026-07-09',
  up: [
    addColumn('budget_policies', column('target_value', string(255))),
    createIndex('budget_policies', index('idx_budget_policies_target_value', ['target_value'])),
  ],
});

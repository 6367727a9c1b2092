import {
  addColumn,
  bigint,
  column,
  createIndex,
  createTable,
  foreignKey,
  index,
  required,
  revision,
  string,
  table,
  text,
} from '../src/schema/index.js';
import { fillIssueCategories } from './rows/issue-categories.js';
import { issueCategories, lastSeenAtCreation } from './rows/unchanged.js';

export default revision({
  revision: '8b6ad64cb8f5',
  down: 'e7d1f4b2a9c6',
  title: 'index the categories of issues',
  release: '3.18.0',
  created: null,
  undo: { own: [lastSeenAtCreation, issueCategories] },
  up: [
    addColumn('issues', column('last_seen_timestamp', bigint)),
    addColumn('issues', column('last_updated_by', string(255))),
    addColumn('issues', column('metadata', text('long'))),
    createIndex(
      'issues',
      index('index_issues_experiment_last_seen', ['experiment_id', 'last_seen_timestamp']),
    ),
    createIndex(
      'issues',
      index('index_issues_experiment_updated', ['experiment_id', 'last_updated_timestamp']),
    ),
    createTable(
      table('issue_categories', {
        columns: [
          required('issue_id', string(36)),
          required('category_hash', string(64)),
          required('category', text()),
        ],
        primaryKey: ['issue_categories_pk', ['issue_id', 'category_hash']],
        foreignKeys: [
          foreignKey(['issue_id'], 'issues', ['issue_id'], {
            name: 'fk_issue_categories_issue_id',
            onDelete: 'CASCADE',
          }),
        ],
      }),
    ),
    createIndex('issue_categories', index('index_issue_categories_hash', ['category_hash'])),
    fillIssueCategories,
  ],
});

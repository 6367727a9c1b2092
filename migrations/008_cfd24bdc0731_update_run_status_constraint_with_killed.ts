import { addCheck, alterColumn, check, dropCheck, only, revision, string } from '../src/schema/index.js';

/**
 * The status becomes as wide as its longest word. MySQL keeps the old check beside the new one until the next
 * revision: Alembic skips checks that belong to a type there (alembic/ddl/mysql.py, `drop_constraint`).
 */
export default revision({
  revision: 'cfd24bdc0731',
  down: '2b4d017a5e9b',
  title: 'allow the run status KILLED',
  release: '1.5.0',
  created: '2019-10-11',
  irreversible: {
    kind: 'widened',
    tables: ['runs'],
    why: 'runs may have the status KILLED, which the check before refuses',
    dialects: ['sqlite', 'postgresql', 'mssql'],
  },
  up: [
    only(['sqlite', 'postgresql', 'mssql'], dropCheck('runs', 'status')),
    alterColumn('runs', 'status', { type: string(9) }),
    addCheck('runs', check("status IN ('SCHEDULED', 'FAILED', 'FINISHED', 'RUNNING', 'KILLED')")),
  ],
});

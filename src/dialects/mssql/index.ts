import type { Dialect } from '../dialect.js';
import { compile, create, traits } from './compile.js';
import { connect } from './connect.js';

export const mssql: Dialect = {
  name: 'mssql',
  label: 'SQL Server',
  traits,
  transactionalDdl: true,
  offline:
    'an upgrade of SQL Server is one transaction, which keeps every lock to its end, and most editions build no index online (ONLINE = ON)',
  checksForeignKeys: true,
  foreignKeysHold: [],
  check: async () => (await import('./check.js')).check,
  repair: async () => (await import('./repair.js')).repair,
  backup: () => import('./backup.js'),
  cost: () => import('./cost.js'),
  // percent_complete of sys.dm_exec_requests is 0 for ALTER, CREATE INDEX, INSERT and UPDATE (its documentation lists
  // what it is for: backups, DBCC, REORGANIZE, rollbacks), and live plans need VIEW SERVER STATE.
  progress: async () => null,
  status: () => import('./status.js'),
  gc: async () => (await import('./gc.js')).gc,
  connect: (uri, options) => connect(mssql, uri, options),
  compile,
  create,
  script: async () => (await import('./script.js')).language,
};

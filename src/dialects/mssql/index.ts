import type { Dialect } from '../dialect.js';
import { compile, create, traits } from './compile.js';
import { connect } from './connect.js';

export const mssql: Dialect = {
  name: 'mssql',
  label: 'SQL Server',
  traits,
  transactionalDdl: true,
  checksForeignKeys: true,
  backup: () => import('./backup.js'),
  cost: () => import('./cost.js'),
  connect: (uri, options) => connect(mssql, uri, options),
  compile,
  create,
  script: async () => (await import('./script.js')).language,
};

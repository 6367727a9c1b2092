import type { Dialect } from '../dialect.js';
import { compile, create, traits } from './compile.js';
import { connect } from './connect.js';

export const sqlite: Dialect = {
  name: 'sqlite',
  label: 'SQLite',
  traits,
  transactionalDdl: true,
  offline: 'an SQLite file has one writer at a time, who keeps all others out until the upgrade is through',
  checksForeignKeys: false,
  foreignKeysHold: [],
  check: async () => (await import('./check.js')).check,
  repair: async () => (await import('./repair.js')).repair,
  backup: () => import('./backup.js'),
  cost: () => import('./cost.js'),
  // Another connection is locked out by the writer, or sees the file as it was; nothing in it tells of a statement.
  progress: async () => null,
  status: () => import('./status.js'),
  gc: async () => (await import('./gc.js')).gc,
  connect: (uri, options) => connect(sqlite, uri, options),
  compile,
  create,
  script: async () => (await import('./script.js')).language,
};

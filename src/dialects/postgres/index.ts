import type { Dialect } from '../dialect.js';
import { compile, create, traits } from './compile.js';
import { connect } from './connect.js';

export const postgresql: Dialect = {
  name: 'postgresql',
  label: 'PostgreSQL',
  traits,
  transactionalDdl: true,
  offline: null,
  fillsBare: true,
  checksForeignKeys: true,
  foreignKeysHold: ['type'],
  check: async () => (await import('./check.js')).check,
  repair: async () => (await import('./repair.js')).repair,
  backup: () => import('./backup.js'),
  cost: () => import('./cost.js'),
  progress: () => import('./progress.js'),
  status: () => import('./status.js'),
  gc: async () => (await import('./gc.js')).gc,
  connect: (uri, options) => connect(postgresql, uri, options),
  compile,
  create,
  script: async () => (await import('./script.js')).language,
};

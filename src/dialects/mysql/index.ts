import type { Dialect } from '../dialect.js';
import { languageOf } from './compile.js';
import { connect } from './connect.js';
import type { Flavour } from './flavour.js';

const dialectOf = (flavour: Flavour): Dialect => ({
  name: 'mysql',
  label: flavour === 'mariadb' ? 'MariaDB' : 'MySQL',
  ...languageOf(flavour),
  transactionalDdl: false,
  offline: null,
  checksForeignKeys: true,
  foreignKeysHold: ['type', 'length', 'collation', 'nullable', 'identity'],
  check: async () => (await import('./check.js')).checkOn(flavour),
  repair: async () => (await import('./repair.js')).repair,
  backup: () => import('./backup.js'),
  cost: () => import('./cost.js'),
  progress: async () => (await import('./progress.js')).progressOn(flavour),
  status: () => import('./status.js'),
  gc: async () => (await import('./gc.js')).gc,
  connect: (uri, options) => connect(dialects, uri, options),
  script: async () => (await import('./script.js')).scriptOn(flavour),
});

const dialects: Readonly<Record<Flavour, Dialect>> = {
  mysql: dialectOf('mysql'),
  mariadb: dialectOf('mariadb'),
};

/** MySQL and MariaDB; which of the two a server is shows when it is connected to. */
export const { mysql, mariadb } = dialects;

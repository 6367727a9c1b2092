import type { Dialect, DialectName } from './dialect.js';

export { everyDialect, offlineDialect } from './offline.js';
export { type DatabaseUri, parseUri, uriStarts } from './uri.js';

/** One lazy import a dialect: a SQLite user never loads the PostgreSQL driver. */
const loaders = {
  sqlite: async () => (await import('./sqlite/index.js')).sqlite,
  postgresql: async () => (await import('./postgres/index.js')).postgresql,
  mysql: async () => (await import('./mysql/index.js')).mysql,
  mssql: async () => (await import('./mssql/index.js')).mssql,
} satisfies Record<DialectName, () => Promise<Dialect>>;

export const dialectNames = Object.keys(loaders) as DialectName[];

/** Loads a dialect and its driver. */
export const loadDialect = (name: DialectName): Promise<Dialect> => loaders[name]();

import type { Dialect } from './dialect.js';
import { dialectNames, loadDialect, parseUri } from './index.js';

/**
 * The dialect that a URI names, where no server can say it: `mysql://` is MySQL, `mariadb://` is MariaDB.
 *
 * @throws exit 2 for what is not a database URI
 */
export async function offlineDialect(uri: string): Promise<Dialect> {
  const { dialect } = parseUri(uri);
  if (/^mariadb\b/i.test(uri)) return (await import('./mysql/index.js')).mariadb;
  return loadDialect(dialect);
}

/** Every dialect, the flavours of one apart. */
export async function everyDialect(): Promise<Dialect[]> {
  const [loaded, { mariadb }] = await Promise.all([
    Promise.all(dialectNames.map(loadDialect)),
    import('./mysql/index.js'),
  ]);
  return loaded.flatMap((dialect) => (dialect.name === mariadb.name ? [dialect, mariadb] : [dialect]));
}

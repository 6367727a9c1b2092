import type { MysqlSession } from './session.js';

/** What the connected user may do on a database, as far as SHOW GRANTS tells. */
export interface Grants {
  readonly user: string;
  /** null: everything. */
  readonly rights: ReadonlySet<string> | null;
  /** Rights on the whole server. */
  readonly global: ReadonlySet<string>;
}

/**
 * Reads the user's rights, active roles included.
 *
 * @returns null where they cannot be told for sure; the server itself then decides
 */
export async function readGrants(
  session: Pick<MysqlSession, 'query'>,
  database: string,
): Promise<Grants | null> {
  const [who] = await session.query<{ user: string; role: string | null }>(
    'SELECT CURRENT_USER() AS user, CURRENT_ROLE() AS role',
  );
  const hasRole = who?.role && who.role !== 'NONE';
  const rows = await session
    .query(hasRole ? `SHOW GRANTS FOR CURRENT_USER() USING ${who.role}` : 'SHOW GRANTS')
    .catch(() => []);
  if (rows.length === 0) return null;
  const rights = new Set<string>();
  const global = new Set<string>();
  let all = false;
  for (const row of rows) {
    const line = String(Object.values(row)[0]);
    const parts = /^GRANT (.+) ON (\S+) TO /.exec(line);
    if (!parts) continue;
    const [, words = '', on = ''] = parts;
    const [space = ''] = on.split('.');
    if (on !== '*.*' && !(on.endsWith('.*') && isPattern(space.replaceAll('`', ''), database))) continue;
    const found = words.split(/,\s*(?![^(]*\))/).map((word) => word.trim().toUpperCase());
    if (found.includes('ALL PRIVILEGES')) all = true;
    for (const right of found) {
      rights.add(right);
      if (on === '*.*') global.add(right);
    }
    if (on === '*.*' && found.includes('ALL PRIVILEGES')) global.add('SUPER');
  }
  return { user: who?.user ?? '', rights: all ? null : rights, global };
}

/** A database name in a grant may hold % and _ for any characters, and \ before a literal one. */
export function isPattern(pattern: string, name: string): boolean {
  const regular = pattern.replace(/\\([%_])|%|_|[.*+?^${}()|[\]\\]/g, (part, literal?: string) =>
    literal ? literal : part === '%' ? '.*' : part === '_' ? '.' : `\\${part}`,
  );
  return new RegExp(`^${regular}$`, 'i').test(name);
}

import { isPattern } from './grants.js';
import type { MysqlSession } from './session.js';

/** What the connected user may do on each table of a database. */
export interface Rights {
  /** As GRANT names it: `'check'@'%'`. */
  readonly user: string;
  /** On every table of the database, in SHOW GRANTS' words. */
  readonly onAll: ReadonlySet<string>;
  /** On one table as a whole, `onAll` included. */
  on(table: string): ReadonlySet<string>;
}

/** Any of these shows a table to its user (sql_acl: TABLE_ACLS). */
const showing = [
  ...['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CREATE', 'DROP', 'REFERENCES', 'INDEX', 'ALTER', 'TRIGGER'],
  ...['CREATE VIEW', 'SHOW VIEW', 'DELETE HISTORY'],
];
const all = 'ALL PRIVILEGES';

export const has = (rights: ReadonlySet<string>, right: string): boolean =>
  rights.has(all) || rights.has(right);
export const showsTables = (rights: ReadonlySet<string>): boolean =>
  rights.has(all) || showing.some((right) => rights.has(right));

/**
 * Reads SHOW GRANTS, which names the active roles' rights too on both servers.
 *
 * @returns null where the server does not tell
 */
export async function readRights(session: Pick<MysqlSession, 'query' | 'database'>): Promise<Rights | null> {
  const [who] = await session.query<{ user: string }>('SELECT CURRENT_USER() AS user');
  const rows = await session.query('SHOW GRANTS').catch(() => []);
  if (rows.length === 0) return null;
  return rightsOf(
    rows.map((row) => String(Object.values(row)[0])),
    session.database,
    accountOf(who?.user ?? ''),
  );
}

/** `check@%` as GRANT wants it; a user name may hold an at sign, a host may not. */
export function accountOf(user: string): string {
  const at = user.lastIndexOf('@');
  const text = (part: string) => `'${part.replaceAll("'", "''")}'`;
  return `${text(user.slice(0, at))}@${text(user.slice(at + 1))}`;
}

/** A right on some columns (`SELECT (a, b)`) is none on the table; REVOKE lines are MySQL's partial revokes. */
export function rightsOf(lines: readonly string[], database: string, user: string): Rights {
  const onAll = new Set<string>();
  const onTable = new Map<string, Set<string>>();
  for (const line of lines) {
    const match = /^(GRANT|REVOKE) (.+) ON (`(?:[^`]|``)*`|\*)\.(`(?:[^`]|``)*`|\*) (?:TO|FROM) /.exec(line);
    if (!match) continue;
    const [, verb, words = '', space = '', table = ''] = match;
    const bare = (name: string) => name.slice(1, -1).replaceAll('``', '`');
    if (space !== '*' && !isPattern(bare(space), database)) continue;
    const found = words
      .split(/,\s*(?![^(]*\))/)
      .map((word) => word.trim().toUpperCase())
      .filter((word) => !word.includes('('));
    const rights = table === '*' ? onAll : (onTable.get(bare(table)) ?? new Set());
    if (table !== '*') onTable.set(bare(table), rights);
    for (const right of found) verb === 'GRANT' ? rights.add(right) : rights.delete(right);
  }
  return {
    user,
    onAll,
    on: (table) => new Set([...onAll, ...(onTable.get(table) ?? [])]),
  };
}

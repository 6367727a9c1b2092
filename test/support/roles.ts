import type { ConnectOptions, Session } from '../../src/dialects/dialect.js';
import { loadDialect, parseUri } from '../../src/dialects/index.js';
import type { Database } from './databases.js';
import { nameOf } from './other-session.js';
import { uniqueName } from './unique-name.js';

/** A user of a server that may do nothing yet. */
export interface Role {
  /** As GRANT names it. */
  readonly name: string;
  open(options?: Partial<ConnectOptions>): Promise<Session>;
  drop(): Promise<void>;
}

const password = 'only-1-Reader';

/** Opens a session on a database as a check does. */
export async function openToCheck(
  database: Database,
  options: Partial<ConnectOptions> & { readonly as?: string } = {},
): Promise<Session> {
  const { as, ...rest } = options;
  const dialect = await loadDialect(database.dialect);
  const uri = parseUri(database.uri);
  return dialect.connect(as === undefined ? uri : { ...uri, username: as, password }, {
    ...{ lockWaitMs: 10_000, readOnly: true, untouched: true },
    ...rest,
  });
}

/** Makes a user that may connect to this database, and no more. */
export async function createRole(database: Database): Promise<Role> {
  const login = uniqueName();
  const isPostgres = database.kind === 'postgresql';
  const name = isPostgres ? login : `'${login}'@'%'`;
  await database.run(
    ...(isPostgres
      ? [`CREATE ROLE ${name} LOGIN PASSWORD '${password}'`]
      : [`CREATE USER ${name} IDENTIFIED BY '${password}'`]),
  );
  return {
    name,
    open: (options = {}) => openToCheck(database, { ...options, as: login }),
    drop: () =>
      database.run(...(isPostgres ? [`DROP OWNED BY ${name}`, `DROP ROLE ${name}`] : [`DROP USER ${name}`])),
  };
}

/** What GRANT calls all tables of a database, or one of them. */
export function grantable(database: Database, table?: string): string {
  if (database.kind === 'postgresql') return table ?? 'ALL TABLES IN SCHEMA public';
  return `${nameOf(database)}.${table ?? '*'}`;
}

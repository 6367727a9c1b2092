import type { Session } from '../dialect.js';
import type { Fact } from '../status.js';
import { lockHolder as holderOf } from './lock.js';
import { mayLook } from './others.js';

/** Collation of the database, edition, and how it reads and logs. */
export async function about(session: Session): Promise<Fact[]> {
  const [row] = await session.query<Record<string, string | number | null>>(
    `SELECT CAST(DATABASEPROPERTYEX(d.name, 'Collation') AS nvarchar(128)) AS collation,
            CAST(SERVERPROPERTY('Edition') AS nvarchar(128)) AS edition, d.compatibility_level AS level,
            d.recovery_model_desc AS recovery, d.snapshot_isolation_state_desc AS snapshot,
            CAST(d.is_read_committed_snapshot_on AS int) AS rcsi, CAST(d.is_read_only AS int) AS readOnly,
            SCHEMA_NAME() AS [schema]
     FROM sys.databases d WHERE d.database_id = DB_ID()`,
  );
  return row ? factsOf(row) : [];
}

/** What the row of sys.databases says, in order. */
export function factsOf(row: Readonly<Record<string, string | number | null>>): Fact[] {
  const says = (name: string, value: string | number | null | undefined): Fact[] =>
    value === null || value === undefined ? [] : [{ name, value: String(value) }];
  return [
    ...says('collation', row.collation),
    ...says('schema', row.schema),
    ...says('edition', row.edition),
    ...says('compatibility level', row.level),
    ...says('recovery model', row.recovery),
    ...says('snapshot isolation', row.snapshot),
    { name: 'read committed snapshot', value: row.rcsi === 1 ? 'ON' : 'OFF' },
    ...(row.readOnly === 1 ? [{ name: 'read only', value: 'yes' }] : []),
  ];
}

/** The application lock. */
export const lockHolder = (session: Session): Promise<string | null> => holderOf(session);

/** One lock on one table, with whose it is. */
export interface TableLock extends Record<string, unknown> {
  readonly id: number;
  readonly login: string;
  readonly host: string | null;
  readonly state: string;
  readonly name: string;
  readonly mode: string;
}

/** Locks on tables of the current schema (sys.dm_tran_locks); whoever may not look gets no rows, and no error. */
const tableLocks = (session: Session, condition: string): Promise<TableLock[]> =>
  session.query<TableLock>(
    `IF ${mayLook}
     SELECT DISTINCT s.session_id AS id, s.login_name AS login, s.host_name AS host, s.status AS state,
            t.name, l.request_mode AS mode
     FROM sys.dm_tran_locks l
     JOIN sys.tables t ON t.object_id = l.resource_associated_entity_id AND t.schema_id = SCHEMA_ID()
     JOIN sys.dm_exec_sessions s ON s.session_id = l.request_session_id
     WHERE l.resource_type = 'OBJECT' AND l.resource_database_id = DB_ID() AND s.session_id <> @@SPID AND ${condition}
     ORDER BY s.session_id, t.name`,
  );

export async function transactions(session: Session, tables: readonly string[]): Promise<string[]> {
  return heldBy(await tableLocks(session, "l.request_status = 'GRANT'"), tables);
}

/** A phrase for each session. */
export function heldBy(locks: readonly TableLock[], tables: readonly string[]): string[] {
  const wanted = new Set(tables);
  const byId = new Map<number, TableLock[]>();
  for (const lock of locks)
    if (wanted.has(lock.name)) byId.set(lock.id, [...(byId.get(lock.id) ?? []), lock]);
  return [...byId.values()].map((own) => {
    const { id, login, host, state } = own[0] as TableLock;
    const held = own.map(({ name, mode }) => `${name} (${mode})`).join(', ');
    return `session ${id} of ${login} from ${host ?? 'an unknown host'} (${state}) holds locks on ${held}`;
  });
}

/** Sch-M lets nobody read; X on the whole table nobody who reads what is committed. */
export async function unreadable(session: Session, tables: readonly string[]): Promise<string[]> {
  const locks = await tableLocks(session, "l.request_mode IN ('Sch-M', 'X')");
  return [...new Set(locks.map(({ name }) => name))].filter((name) => tables.includes(name));
}

export async function hidden(session: Session): Promise<string | null> {
  const [row] = await session.query<{ sees: number; login: string }>(
    `SELECT CASE WHEN ${mayLook} THEN 1 ELSE 0 END AS sees, QUOTENAME(SUSER_SNAME()) AS login`,
  );
  return row?.sees === 1
    ? null
    : `other sessions and their locks: GRANT VIEW SERVER STATE TO ${row?.login ?? 'this login'}`;
}

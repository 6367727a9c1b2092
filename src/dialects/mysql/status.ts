import type { Session } from '../dialect.js';
import type { Fact } from '../status.js';
import { lockHolder as holderOf, lockName } from './lock.js';

/** Character set and collation of the database, and what new tables get. */
export async function about(session: Session): Promise<Fact[]> {
  const [row] = await session.query<Record<string, string | number>>(
    `SELECT @@character_set_database AS charset, @@collation_database AS collation,
            @@default_storage_engine AS engine, @@global.read_only AS readOnly`,
  );
  if (!row) return [];
  return [
    { name: 'character set', value: String(row.charset) },
    { name: 'collation', value: String(row.collation) },
    { name: 'engine', value: String(row.engine) },
    // MariaDB 12 says it in words.
    ...(/^(1|ON)$/i.test(String(row.readOnly)) ? [{ name: 'read only', value: 'yes' }] : []),
  ];
}

/** The lock of GET_LOCK. */
export async function lockHolder(session: Session): Promise<string | null> {
  const [row] = await session.query<{ name: string }>('SELECT DATABASE() AS name');
  return holderOf(session, await lockName(row?.name ?? ''));
}

interface Transaction extends Record<string, unknown> {
  readonly id: number;
  readonly user: string;
  readonly host: string;
  readonly seconds: number | string;
  readonly locked: number | string;
}

/** InnoDB tells its transactions by connection, not by table (manual, 28.4.28 "INNODB_TRX"). */
export async function transactions(session: Session): Promise<string[]> {
  if ((await hidden(session)) !== null) return [];
  const rows = await session.query<Transaction>(
    `SELECT p.ID AS id, p.USER AS user, p.HOST AS host, t.trx_rows_locked AS locked,
            TIMESTAMPDIFF(SECOND, t.trx_started, NOW()) AS seconds
     FROM information_schema.INNODB_TRX t JOIN information_schema.PROCESSLIST p ON p.ID = t.trx_mysql_thread_id
     WHERE p.DB = DATABASE() AND p.ID <> CONNECTION_ID() ORDER BY t.trx_started, p.ID`,
  );
  return rows.map(
    ({ id, user, host, seconds, locked }) =>
      `connection ${id} of ${user} from ${host}: transaction open for ${seconds} s, ${locked} rows locked`,
  );
}

/** Readers queue behind a change of a schema that waits; for which table it waits, the list of connections does not say. */
export async function unreadable(session: Session, tables: readonly string[]): Promise<string[]> {
  const rows = await session.query<{ State: string | null; db: string | null }>('SHOW FULL PROCESSLIST');
  const [own] = await session.query<{ name: string }>('SELECT DATABASE() AS name');
  const waits = rows.some(({ State, db }) => db === own?.name && State === 'Waiting for table metadata lock');
  return waits ? [...tables] : [];
}

/** Asked of the server itself, because the right may come by a role. Error 1227: it is missing. */
export async function hidden(session: Session): Promise<string | null> {
  return session.query('SELECT COUNT(*) AS n FROM information_schema.INNODB_TRX').then(
    () => null,
    () => 'connections of other users and all open transactions: GRANT PROCESS ON *.* TO this user',
  );
}

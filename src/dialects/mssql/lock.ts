import { blockedError } from '../../errors.js';
import type { ConnectOptions } from '../dialect.js';
import { waitForLock } from '../wait-for-lock.js';
import type { MssqlSession } from './session.js';

type Lockable = Pick<MssqlSession, 'query' | 'interrupted' | 'place'>;

/**
 * Takes the application lock of this database and schema; other runners see it from every host. It belongs to the
 * session, so that the next one goes on when this session dies. Polled with jitter, so that a stop is honoured.
 */
export async function acquireLock(session: Lockable, options: ConnectOptions): Promise<void> {
  const lock = {
    take: () => tryLock(session),
    holder: async () => (await holder(session)) ?? 'it has just ended',
  };
  await waitForLock(lock, session, options);
}

/** The name of the lock; the server keeps those of each database apart. */
export const lockResource = "N'mltrack:' + COALESCE(SCHEMA_NAME(), N'dbo')";

/** The return codes of sp_getapplock (Transact-SQL reference). */
async function tryLock(session: Lockable): Promise<boolean> {
  const [row] = await session.query<{ got: number | null }>(
    `DECLARE @got int, @name nvarchar(255) = ${lockResource};
     EXEC @got = sp_getapplock @Resource = @name, @LockMode = 'Exclusive', @LockOwner = 'Session', @LockTimeout = 50;
     SELECT @got AS got`,
  );
  const got = row?.got ?? null;
  if (got === 0 || got === 1) return true;
  // -1: the time is over; -2: cancelled from outside; -3: this session lost in a deadlock.
  if (got === -1 || got === -2 || got === -3) return false;
  throw blockedError(
    `${session.place}: the server refuses sp_getapplock, which keeps other runners out: it returned ${got}`,
    'the user needs to be a member of the role public of this database',
  );
}

/**
 * Who holds it; null: nobody. Asked of APPLOCK_TEST (Transact-SQL reference), which takes nothing and needs no right:
 * the list of locks shows to few, and only the beginning of a name.
 */
export async function lockHolder(session: Pick<Lockable, 'query'>): Promise<string | null> {
  const [test] = await session.query<{ free: number | null }>(
    `DECLARE @name nvarchar(255) = ${lockResource};
     SELECT APPLOCK_TEST(N'public', @name, N'Exclusive', N'Session') AS free`,
  );
  return test?.free === 0 ? ((await holder(session)) ?? 'a session that this login may not see') : null;
}

async function holder(session: Pick<Lockable, 'query'>): Promise<string | null> {
  const rows = await session
    .query<{ id: number; host: string | null; pid: number | null; login: string; since: string }>(
      `SELECT s.session_id AS id, s.host_name AS host, s.host_process_id AS pid, s.login_name AS login,
              CONVERT(varchar(19), s.login_time, 120) AS since
       FROM sys.dm_tran_locks l JOIN sys.dm_exec_sessions s ON s.session_id = l.request_session_id
       WHERE l.resource_type = 'APPLICATION' AND l.resource_database_id = DB_ID() AND l.request_status = 'GRANT'
         AND l.request_mode = 'X' AND l.resource_description LIKE N'%mltrack:%'`,
    )
    .catch(() => null);
  if (rows === null) return 'who it is the server tells only with the right VIEW SERVER STATE';
  const [row] = rows;
  if (!row) return null;
  const process = row.pid === null ? '' : ` (process ${row.pid})`;
  return `session ${row.id} of ${row.login} from ${row.host ?? 'an unknown host'}${process}, connected since ${row.since}`;
}

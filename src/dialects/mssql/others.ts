import { withoutConstants } from '../same.js';
import type { MssqlSession } from './session.js';

/** What looking at other sessions needs; Azure SQL Database has its own name for it. */
export const mayLook = [
  "HAS_PERMS_BY_NAME(NULL, NULL, N'VIEW SERVER STATE') = 1",
  "HAS_PERMS_BY_NAME(NULL, NULL, N'VIEW SERVER PERFORMANCE STATE') = 1",
  "(SERVERPROPERTY('EngineEdition') = 5 AND HAS_PERMS_BY_NAME(DB_NAME(), N'DATABASE', N'VIEW DATABASE STATE') = 1)",
].join(' OR ');

interface Other extends Record<string, unknown> {
  readonly id: number;
  readonly login: string;
  readonly host: string | null;
  readonly state: string;
  readonly query: string | null;
}

/**
 * Other sessions of this database, the longest transaction first; what they ran last is told without its constants.
 * The right is asked for before, because a refusal would end the transaction.
 *
 * @param condition on `s`, a row of sys.dm_exec_sessions
 */
export async function otherSessions(
  session: Pick<MssqlSession, 'query'>,
  condition: string,
): Promise<string[]> {
  const rows = await session.query<Other>(
    `IF ${mayLook}
     SELECT s.session_id AS id, s.login_name AS login, s.host_name AS host, s.status AS state, q.text AS query
     FROM sys.dm_exec_sessions s
     LEFT JOIN sys.dm_exec_connections c ON c.session_id = s.session_id
     OUTER APPLY sys.dm_exec_sql_text(c.most_recent_sql_handle) q
     WHERE s.database_id = DB_ID() AND s.session_id <> @@SPID AND s.is_user_process = 1 AND ${condition}
     ORDER BY s.last_request_start_time, s.session_id`,
  );
  return rows.map(({ id, login, host, state, query }) =>
    `session ${id} of ${login} from ${host ?? 'an unknown host'} (${state}) ${withoutConstants(query ?? '')}`.trimEnd(),
  );
}

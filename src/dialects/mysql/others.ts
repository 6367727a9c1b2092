import { withoutConstants } from '../same.js';
import type { MysqlSession } from './session.js';

interface Process extends Record<string, unknown> {
  readonly Id: number;
  readonly User: string;
  readonly Host: string;
  readonly db: string | null;
  readonly Command: string;
  readonly Time: number;
  readonly Info: string | null;
}

/** Other connections to this database; those of other users show only to who has the right PROCESS. */
export async function otherSessions(
  session: Pick<MysqlSession, 'query' | 'database'>,
  own: number,
): Promise<string[]> {
  const rows = await session.query<Process>('SHOW FULL PROCESSLIST');
  const mltracks = await session
    .query<{ id: number }>(
      `SELECT PROCESSLIST_ID AS id FROM performance_schema.session_account_connect_attrs
       WHERE ATTR_NAME = 'program_name' AND ATTR_VALUE = 'mltrack'`,
    )
    .catch(() => []);
  const known = new Set([own, ...mltracks.map(({ id }) => Number(id))]);
  return rows
    .filter((row) => row.db?.toLowerCase() === session.database.toLowerCase() && !known.has(Number(row.Id)))
    .map(({ Id, User, Host, Command, Time, Info }) =>
      `connection ${Id} of ${User} from ${Host} (${Command} for ${Time} s) ${withoutConstants(Info ?? '')}`.trimEnd(),
    );
}

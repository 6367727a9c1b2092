import { blockedError } from '../../errors.js';
import type { ConnectOptions } from '../dialect.js';
import { waitForLock } from '../wait-for-lock.js';
import type { MysqlSession } from './session.js';

type Lockable = Pick<MysqlSession, 'query' | 'interrupted' | 'place'>;

/** Names of GET_LOCK are the server's and at most this long. */
const longestName = 64;

/** The name of a database's lock, whose case no server minds; long ones are told apart by a hash. */
export async function lockName(database: string): Promise<string> {
  const name = `mltrack:${database.toLowerCase()}`;
  if (name.length <= longestName) return name;
  // On use: to read Node's cryptography takes as long as to ask the server, and few names are long.
  const { createHash } = await import('node:crypto');
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 16);
  return `${name.slice(0, longestName - hash.length - 1)}~${hash}`;
}

/** The same name, as the server works it out. */
export const lockExpression = `IF(CHAR_LENGTH(DATABASE()) <= ${longestName - 8}, CONCAT('mltrack:', LOWER(DATABASE())), CONCAT(LEFT(CONCAT('mltrack:', LOWER(DATABASE())), 47), '~', LEFT(SHA2(CONCAT('mltrack:', LOWER(DATABASE())), 256), 16)))`;

/**
 * Takes the lock of this database; other runners see it from every host. It belongs to the session, so that the next
 * one goes on when this session dies. Polled with jitter, so that a stop is honoured while it waits.
 */
export async function acquireLock(
  session: Lockable,
  database: string,
  options: ConnectOptions,
): Promise<void> {
  const name = await lockName(database);
  const lock = {
    take: () => tryLock(session, name),
    holder: async () => (await lockHolder(session, name)) ?? 'it has just ended',
  };
  await waitForLock(lock, session, options);
}

/** Null is what the server says when it cannot tell (it ran out of memory, the thread was killed). */
async function tryLock(session: Lockable, name: string): Promise<boolean> {
  const rows = await session
    .query<{ got: number | null }>('SELECT GET_LOCK(?, 0) AS got', [name])
    .catch((error: Error) => refused(session, error.message));
  const got = rows[0]?.got ?? null;
  if (got === null) refused(session, 'it answered NULL');
  return got === 1;
}

function refused(session: Lockable, reason: string): never {
  throw blockedError(
    `${session.place}: the server refuses GET_LOCK, which keeps other runners out: ${reason}`,
    'a Galera cluster or a proxy in between does not lock: connect to one server directly',
  );
}

/** Who holds it; null: nobody. @param name as `lockName` makes it */
export async function lockHolder(session: Pick<Lockable, 'query'>, name: string): Promise<string | null> {
  const [row] = await session.query<{ id: number | null }>('SELECT IS_USED_LOCK(?) AS id', [name]);
  if (!row?.id) return null;
  // Other people's sessions show only to who has the right PROCESS.
  const sessions = await session.query<{ Id: number; User: string; Host: string; Time: number }>(
    'SHOW PROCESSLIST',
  );
  const found = sessions.find((other) => Number(other.Id) === Number(row.id));
  return found
    ? `connection ${row.id} of ${found.User} from ${found.Host}, its statement runs for ${found.Time} s`
    : `connection ${row.id}`;
}

import { blockedError, ExitCode, lockedError, MltrackError } from '../../errors.js';
import { quote } from './quote.js';

/** What mysql2 and the server throw. */
interface ServerError extends Error {
  readonly code?: string;
  readonly errno?: number;
  readonly sqlMessage?: string;
}

const rights = new Set([1044, 1142, 1143, 1227, 1370]);
const noRoom = new Set([1021, 1114, 3, 28]);
const readOnly = new Set([1290, 1836, 3100]);
const lostCodes = new Set(['PROTOCOL_CONNECTION_LOST', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ECONNREFUSED']);
/** Server shutdown, a killed connection. */
const ended = new Set([1053, 1927, 4031]);

/** Server errors that say something about rights, room, locks or the connection (MySQL error reference). */
export function translate(error: unknown, place: string, account: string): unknown {
  if (!(error instanceof Error)) return error;
  const { code = '', errno = 0, sqlMessage } = error as ServerError;
  // Knex puts the whole statement, values and all, before the server's own words.
  const reason = sqlMessage ?? error.message.split(' - ').at(-1) ?? error.message;
  if (rights.has(errno)) return blockedError(`${place}: ${reason}`, grantFor(reason, account));
  if (errno === 1419)
    return blockedError(
      `${place}: ${reason}`,
      'let a user with SUPER upgrade, or: SET GLOBAL log_bin_trust_function_creators = 1',
    );
  // ALTER TABLE … LOCK=NONE, for which another way was demanded than the server knows.
  if (errno === 1845 || errno === 1846)
    return blockedError(
      `${place}: the server cannot make this change while others write: ${reason}`,
      'stop the MLflow server and run the same command without --online: it goes on from there',
    );
  if (noRoom.has(errno))
    return blockedError(
      `${place}: the server's disk is full (${reason})`,
      'make room for a second copy of the largest table',
    );
  if (errno === 1205 || errno === 1213)
    return lockedError(
      `${place}: a table is held by another session: ${reason}`,
      'stop the MLflow server, or look for open transactions: SHOW PROCESSLIST',
    );
  if (readOnly.has(errno))
    return blockedError(`${place} is read-only: ${reason}`, 'connect to the primary, not to a replica');
  if (
    lostCodes.has(code) ||
    ended.has(errno) ||
    /connection (is )?(closed|in closed state)|Connection lost/i.test(error.message)
  )
    return new MltrackError(ExitCode.unreachable, `the connection to ${place} was lost: ${reason}`, {
      cause: error,
      hints: ['look at the server, then run the same command again'],
    });
  error.message = reason;
  return error;
}

/** "SELECT command denied to user 'u'@'host' for table 't'": the host is the client's, not that of the account. */
function grantFor(reason: string, account: string): string {
  const found = /^(\w[\w ]*) command denied to user .* for table (.+)$/.exec(reason);
  if (!found) return 'grant the user what is missing (GRANT … ON database.* TO user)';
  const [, right = '', table = ''] = found;
  const name = table.replace(/^'(.*)'$/, (_all, bare: string) => quote(bare));
  return right === 'SHOW'
    ? `GRANT SELECT ON ${name} TO ${account}`
    : `GRANT ${right} ON ${name} TO ${account}`;
}

/** A statement that was ended because it ran too long. */
export const statementTimeout = (place: string): Error =>
  blockedError(
    `${place}: a statement ran longer than --statement-timeout and was ended`,
    'allow more time, or leave the option out',
  );

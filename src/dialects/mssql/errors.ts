import { blockedError, ExitCode, lockedError, MltrackError } from '../../errors.js';
import { messagesOf } from './requests.js';

const rights = new Set([229, 230, 262, 297, 300, 916, 1088, 2760, 3704, 4902, 15247]);
const noRoom = new Set([1101, 1105, 9002, 40544]);
const readOnly = new Set([976, 978, 3906, 3908]);
const busy = new Set([1205, 1222, 3960, 5061]);
/** Azure SQL moves, pauses or ends a session; the server shuts down. */
const ended = new Set([596, 6005, 10928, 10929, 40197, 40501, 40549, 40550, 40551, 40552, 40553, 40613]);
const lostCodes = new Set(['ESOCKET', 'ECONNRESET', 'ECLOSE', 'EPIPE', 'EINVALIDSTATE']);

/** Server errors that say something about rights, room, locks or the connection (sys.messages). */
export function translate(error: unknown, place: string): unknown {
  if (!(error instanceof Error) || error instanceof MltrackError) return error;
  const told = messagesOf(error);
  const reason = told.map(({ message }) => message).join(' ');
  const has = (numbers: ReadonlySet<number>): boolean => told.some(({ number }) => numbers.has(number));
  if (has(busy))
    return lockedError(
      `${place}: another session holds a table or row: ${reason} Everything was rolled back`,
      'stop the MLflow server, or look for open transactions: SELECT * FROM sys.dm_exec_sessions WHERE open_transaction_count > 0',
    );
  if (codeOf(error) === 'ETIMEOUT')
    return blockedError(
      `${place}: a statement ran longer than --statement-timeout; everything was rolled back`,
      'allow more time, or leave the option out',
    );
  if (has(rights))
    return blockedError(
      `${place}: ${reason}`,
      'grant the login what is missing (the role db_ddladmin with db_datareader and db_datawriter, or db_owner)',
    );
  if (has(noRoom))
    return blockedError(
      `${place}: the server has no room left: ${reason} Everything was rolled back`,
      'let the data and log files grow, or free some of their disk',
    );
  if (has(readOnly))
    return blockedError(`${place} is read-only: ${reason}`, 'connect to the primary, not to a replica');
  if (has(ended) || lostCodes.has(codeOf(error)))
    return new MltrackError(ExitCode.unreachable, `the connection to ${place} was lost: ${reason}`, {
      cause: error,
      hints: ['the server has rolled everything back; run the same command again'],
    });
  return told.length > 1 ? new Error(reason, { cause: error }) : error;
}

const codeOf = (error: Error): string => (error as { code?: string }).code ?? '';

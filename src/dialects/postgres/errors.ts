import { blockedError, ExitCode, lockedError, MltrackError } from '../../errors.js';

/** SQLSTATE classes that say something about rights, room or the connection (Appendix A of PostgreSQL's manual). */
export function translate(
  error: unknown,
  place: string,
  role = 'the role',
  kept = 'everything was rolled back',
): unknown {
  if (!(error instanceof Error)) return error;
  const code = (error as { code?: string }).code ?? '';
  // Knex puts the whole statement, values and all, before the server's own words.
  const reason = error.message.split(' - ').at(-1) ?? error.message;
  if (code === '42501')
    return blockedError(
      `${place}: ${reason}`,
      /^permission denied for table alembic_version$/.test(reason)
        ? `GRANT SELECT ON alembic_version TO ${role}`
        : 'grant the role what is missing, or connect as the owner of the tables',
    );
  if (code === '53100')
    return blockedError(
      `${place}: the server's disk is full (${reason}); ${kept}`,
      'make room for a second copy of the largest table',
    );
  if (code === '55P03' || code === '40P01')
    return lockedError(
      `${place}: a table is held by another session: ${reason}; ${kept}`,
      'stop the MLflow server, or look for open transactions: SELECT pid, usename, state, query FROM pg_stat_activity',
    );
  if (code === '57014' && /statement timeout/.test(error.message))
    return blockedError(
      `${place}: a statement ran longer than --statement-timeout; ${kept}`,
      'allow more time, or leave the option out',
    );
  if (code === '25006')
    return blockedError(`${place} is read-only: ${reason}`, 'connect to the primary, not to a replica');
  if (code === '57P01' || code === '57P02' || code.startsWith('08') || lost.test(error.message))
    return new MltrackError(ExitCode.unreachable, `the connection to ${place} was lost: ${reason}`, {
      cause: error,
      hints: ['the server has rolled everything back; run the same command again'],
    });
  error.message = reason;
  return error;
}

const lost = /Connection terminated|ECONNRESET|EPIPE|Client has encountered a connection error/;

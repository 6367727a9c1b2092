/** Exit codes: documented in docs/exit-codes.md and stable. */
export const ExitCode = {
  done: 0,
  unexpected: 1,
  usage: 2,
  drift: 3,
  behind: 4,
  ahead: 5,
  confirmation: 6,
  locked: 7,
  partial: 8,
  unreachable: 9,
  blocked: 10,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

interface ErrorOptions {
  readonly cause?: unknown;
  /** What to do next, one sentence each. */
  readonly hints?: readonly string[];
}

/**
 * The one base of all errors that mltrack raises on purpose. `message` says what happened and where; `hints` say what
 * to do next. Neither ever holds a password: what goes in has passed `redact`.
 */
export class MltrackError extends Error {
  readonly exitCode: ExitCode;
  readonly hints: readonly string[];

  constructor(exitCode: ExitCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'MltrackError';
    this.exitCode = exitCode;
    this.hints = options.hints ?? [];
  }
}

/** Bad options, a URI that cannot be read, a revision that does not exist: exit 2. */
export const usageError = (message: string, ...hints: string[]): MltrackError =>
  new MltrackError(ExitCode.usage, message, { hints });

/** The database cannot be reached or opened: exit 9. */
export const unreachableError = (message: string, cause: unknown, ...hints: string[]): MltrackError =>
  new MltrackError(ExitCode.unreachable, message, { cause, hints });

/** Things as they stand do not allow it (rights, rows, disk, not a database file); nothing was changed: exit 10. */
export const blockedError = (message: string, ...hints: string[]): MltrackError =>
  new MltrackError(ExitCode.blocked, message, { hints });

/** The schema is ahead, unknown or another application's: exit 5. */
export const foreignError = (message: string, ...hints: string[]): MltrackError =>
  new MltrackError(ExitCode.ahead, message, { hints });

/** Somebody else holds the lock: exit 7. */
export const lockedError = (message: string, ...hints: string[]): MltrackError =>
  new MltrackError(ExitCode.locked, message, { hints });

/** A question must be answered first: exit 6. */
export const confirmationError = (message: string, ...hints: string[]): MltrackError =>
  new MltrackError(ExitCode.confirmation, message, { hints });

/** Stopped by a signal: 143 (SIGTERM) or 130 (SIGINT, or a caller's AbortSignal). */
export const stoppedError = (signal: 'SIGINT' | 'SIGTERM' | 'abort', message: string): MltrackError =>
  new MltrackError(signal === 'SIGTERM' ? ExitCode.terminated : ExitCode.interrupted, message, {
    hints: ['to go on, run the same command again'],
  });

/**
 * An error that ended an upgrade after its first change, where DDL cannot be rolled back; `stands` says how the
 * database is left. It keeps its exit code; what was not foreseen has 1.
 */
export function halfWay(error: unknown, stands: string): MltrackError {
  const known = error instanceof MltrackError ? error : null;
  const message = error instanceof Error ? error.message : String(error);
  const hints = known?.hints.filter((hint) => !/nothing was changed|rolled everything back/.test(hint)) ?? [];
  return new MltrackError(known?.exitCode ?? ExitCode.unexpected, `${message}; ${stands}`, {
    cause: error,
    hints: [...hints, 'run the same command again: it goes on from there'],
  });
}

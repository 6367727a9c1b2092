import { blockedError, lockedError } from '../../errors.js';

/** The result codes that say something about the file rather than about a statement (https://www.sqlite.org/rescode.html). */
export function translate(error: unknown, place: string): unknown {
  if (!(error instanceof Error)) return error;
  const code = (error as { code?: string }).code ?? '';
  const reason = error.message.replace(/^.*(SQLITE_[A-Z]+: )/s, '$1');
  switch (code) {
    case 'SQLITE_BUSY':
    case 'SQLITE_LOCKED':
      return lockedError(
        `${place} is locked: another process is writing to it or holds a transaction open`,
        'stop the MLflow server or the job that uses it, or wait longer with --lock-wait',
      );
    case 'SQLITE_NOTADB':
      return blockedError(
        `${place} is not an SQLite database, or it is encrypted`,
        'check the path; an encrypted file must be decrypted first',
      );
    case 'SQLITE_CORRUPT':
      return blockedError(
        `${place} is damaged: ${reason}`,
        'restore a backup, or try: sqlite3 FILE ".recover" | sqlite3 NEW',
      );
    case 'SQLITE_READONLY':
    case 'SQLITE_PERM':
      return blockedError(
        `${place} cannot be written: ${reason}`,
        'an upgrade needs write permission on the file and on its directory (for the journal)',
      );
    case 'SQLITE_CANTOPEN':
      return blockedError(
        `${place} cannot be opened, or the journal beside it cannot be made`,
        'an upgrade needs write permission on the file and on its directory (for the journal)',
      );
    case 'SQLITE_FULL':
      return blockedError(
        `the disk of ${place} is full; everything was rolled back`,
        'a rebuild needs up to twice the size of the largest table free, and as much again for the journal',
      );
    case 'SQLITE_IOERR':
      return blockedError(
        `reading or writing ${place} failed: ${reason}; everything was rolled back`,
        'look at the disk and at the system log',
      );
    default:
      return error;
  }
}

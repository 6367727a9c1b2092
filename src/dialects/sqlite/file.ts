import { accessSync, closeSync, constants, existsSync, openSync, readSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { blockedError, unreachableError, usageError } from '../../errors.js';
import type { DatabaseUri } from '../uri.js';

/**
 * The file an SQLite URI names, as an absolute path. SQLAlchemy 2.1 decodes %XX in it and older ones did not, so a
 * file that exists under the raw name is meant.
 */
export function filePath(uri: DatabaseUri): string {
  if (uri.host !== null || uri.username !== null)
    throw usageError(
      'an SQLite URI names no host: a slash is missing',
      'write sqlite:///relative/path.db (three) or sqlite:////absolute/path.db (four)',
    );
  const isUri = /^(true|yes|on|y|t|1)$/i.test(uri.query.get('uri') ?? '');
  const decoded = isUri ? stripFileScheme(uri.database) : uri.database;
  const raw = isUri ? stripFileScheme(uri.rawDatabase) : uri.rawDatabase;
  if (uri.query.get('mode') === 'memory' || decoded === '' || decoded === ':memory:')
    throw usageError(
      'an in-memory SQLite database has nothing to upgrade',
      'name a file: sqlite:///relative/path.db or sqlite:////absolute/path.db',
    );
  return resolve(!existsSync(decoded) && existsSync(raw) ? raw : decoded);
}

/** pysqlite's `file:path?uri=true` form. */
const stripFileScheme = (name: string): string => (name.startsWith('file:') ? name.slice(5) : name);

/**
 * Looks at the file before SQLite does, so that what is not a database is named as what it is.
 * A file that does not exist is fine when its directory does: SQLite makes it.
 */
export function inspectFile(path: string, readOnly = false): void {
  if (!existsSync(path)) {
    const directory = dirname(path);
    if (!(existsSync(directory) && statSync(directory).isDirectory()))
      throw unreachableError(
        `no directory ${directory}`,
        undefined,
        'check the path in the URI, or create the directory',
      );
    if (!readOnly && !writable(directory))
      throw blockedError(
        `${directory} is not writable, so ${path} cannot be created`,
        'check its owner and mode',
      );
    return;
  }
  if (statSync(path).isDirectory())
    throw blockedError(
      `${path} is a directory, not a database file`,
      'name the file inside it: sqlite:///dir/mlflow.db',
    );
  if (!statSync(path).isFile())
    throw blockedError(`${path} is not a regular file`, 'check the path in the URI');
  if (!readable(path)) throw blockedError(`${path} cannot be read`, 'check its owner and mode');
  inspectHeader(path);
}

/** The first 100 bytes (https://www.sqlite.org/fileformat2.html#the_database_header). */
function inspectHeader(path: string): void {
  const header = Buffer.alloc(100);
  const file = openSync(path, 'r');
  const length = readSync(file, header, 0, 100, 0);
  closeSync(file);
  if (length === 0) return;
  if (header.toString('latin1', 0, 16) !== 'SQLite format 3\0')
    throw blockedError(
      `${path} is not an SQLite database, or it is encrypted`,
      'check the path; an encrypted file must be decrypted first',
    );
  const stored = header.readUInt16BE(16);
  const pageSize = stored === 1 ? 65_536 : stored;
  const pages = header.readUInt32BE(28);
  const countIsValid = header.readUInt32BE(24) === header.readUInt32BE(92);
  const wanted = countIsValid ? pages * pageSize : 100;
  if (statSync(path).size >= wanted) return;
  // Another process may be in the middle of its commit, or died there: SQLite finishes or undoes it by the journal.
  if (existsSync(`${path}-journal`) || existsSync(`${path}-wal`)) return;
  const { size } = statSync(path);
  if (size < wanted)
    throw blockedError(
      `${path} is truncated: ${size} bytes are there, its header says ${wanted}`,
      'restore a backup, or try: sqlite3 FILE ".recover" | sqlite3 NEW',
    );
}

/** Whether an upgrade could write the file and the journal beside it. */
export const isWritable = (path: string): boolean => writable(path) && writable(dirname(path));

const permitted = (path: string, mode: number): boolean => {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
};
const writable = (path: string): boolean => permitted(path, constants.W_OK);
const readable = (path: string): boolean => permitted(path, constants.R_OK);

import type { Session } from '../dialect.js';
import type { Fact } from '../status.js';
import { writersOf } from './file-locks.js';

/** Encoding, journal and pages of the file. */
export async function about(session: Session): Promise<Fact[]> {
  const [row] = await session.query<Record<string, string | number>>(
    `SELECT encoding, journal_mode AS journal, page_size AS size, page_count AS pages, freelist_count AS free
     FROM pragma_encoding, pragma_journal_mode, pragma_page_size, pragma_page_count, pragma_freelist_count`,
  );
  if (!row) return [];
  return [
    { name: 'encoding', value: String(row.encoding) },
    { name: 'collation', value: 'BINARY' },
    { name: 'journal', value: String(row.journal) },
    { name: 'pages', value: `${row.pages} of ${row.size} bytes, ${row.free} of them free` },
  ];
}

/** The lock of an upgrade is SQLite's own on the file, which MLflow takes as well: see `transactions`. */
export async function lockHolder(): Promise<string | null> {
  return null;
}

export async function transactions(session: Session): Promise<string[]> {
  return (await writersOf(session.place)) ?? [];
}

/** Readers wait inside SQLite, as long as for everything else. */
export async function unreadable(): Promise<string[]> {
  return [];
}

export async function hidden(session: Session): Promise<string | null> {
  return (await writersOf(session.place)) === null
    ? 'who has the file open: SQLite does not say, and this system has no list of locks'
    : 'who has the file open and does not write: SQLite does not say; lsof does';
}

import { type Emptied, type GcModule, inList } from '../gc.js';

/** The transaction holds the whole file's write lock already. */
export const gc: GcModule = {
  lockRows: (columns, table, where) => `SELECT ${columns} FROM ${table} WHERE ${where}`,
  oneOf: (column, _type, values) => inList(column, '?', values),
  giveBack: async (session) => {
    const before = await size(session);
    // Writes the file anew and keeps writers out meanwhile (https://www.sqlite.org/lang_vacuum.html).
    await session.query('VACUUM');
    await session.query('PRAGMA wal_checkpoint(TRUNCATE)');
    return `the file has ${await size(session)} KiB, before ${before}`;
  },
};

async function size(session: Emptied): Promise<number> {
  const [pages] = await session.query<{ page_count: number }>('PRAGMA page_count');
  const [page] = await session.query<{ page_size: number }>('PRAGMA page_size');
  return Math.round(((pages?.page_count ?? 0) * (page?.page_size ?? 0)) / 1024);
}

import { statfs } from 'node:fs/promises';
import type { Deed, Disk, TableSize } from '../cost.js';
import type { Session } from '../dialect.js';
import { diskOf } from '../disk.js';
import { quickQuestions } from './few-parents.js';
import { quote } from './quote.js';

/** Counting pages reads them all; above so much of the file for each second they are shared out by rows. */
const countedPerSecond = (1 << 30) / 4.5;

/** Bytes of each table with its indexes (https://www.sqlite.org/dbstat.html). */
export async function readBytes(
  session: Session,
  tables: readonly string[],
  budgetSeconds: number,
): Promise<Map<string, number>> {
  const [file] = await session.query<{ bytes: number; counts: number }>(
    `SELECT page_count * page_size AS bytes,
            (SELECT count(*) FROM pragma_module_list WHERE name = 'dbstat') AS counts
     FROM pragma_page_count, pragma_page_size`,
  );
  if (!file) return new Map();
  const rows =
    file.counts > 0 && file.bytes <= budgetSeconds * countedPerSecond
      ? await session.query<{ name: string; n: number }>(
          `SELECT m.tbl_name AS name, SUM(s.pgsize) AS n FROM dbstat s JOIN sqlite_master m ON m.name = s.name
           WHERE s.aggregate = TRUE GROUP BY m.tbl_name`,
        )
      : await shared(session, tables, file.bytes);
  const wanted = new Set(tables);
  return new Map(rows.filter(({ name }) => wanted.has(name)).map(({ name, n }) => [name, n]));
}

/** The greatest rowid is known at once; a table without one is small in MLflow. */
export async function readEstimates(
  session: Session,
  tables: readonly string[],
): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  const listed = await session.query<{ name: string; wr: number }>(
    "SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table'",
  );
  const withRowid = new Set(listed.filter(({ wr }) => wr === 0).map(({ name }) => name));
  for (const table of tables) if (withRowid.has(table)) found.set(table, await session.estimateRows(table));
  return found;
}

/** Rows of tables with foreign keys, which `PRAGMA foreign_key_check` reads all, but for those that need no reading. */
export async function rowsWithKeys(session: Session): Promise<number> {
  const tables = await session.query<{ name: string }>(
    `SELECT DISTINCT m.name FROM sqlite_master m, pragma_foreign_key_list(m.name) WHERE m.type = 'table'`,
  );
  const read: string[] = [];
  for (const { name } of tables) if ((await quickQuestions(session, name)) === null) read.push(name);
  const rows = await readEstimates(session, read);
  return [...rows.values()].reduce((sum, count) => sum + count, 0);
}

/** Shares the file out by rows and the length of the first of them. */
async function shared(
  session: Session,
  tables: readonly string[],
  bytes: number,
): Promise<{ name: string; n: number }[]> {
  const estimates = await readEstimates(session, tables);
  const weights: { name: string; n: number }[] = [];
  for (const name of tables) {
    const columns = await session.sql.columnsOf(name);
    const width = columns.map((column) => `COALESCE(LENGTH(CAST(${quote(column)} AS BLOB)), 0)`).join(' + ');
    const [row] = await session.query<{ n: number | null }>(
      `SELECT AVG(${width}) AS n FROM (SELECT * FROM ${quote(name)} LIMIT 1000)`,
    );
    weights.push({ name, n: (estimates.get(name) ?? 0) * ((row?.n ?? 0) + 40) });
  }
  const total = weights.reduce((sum, { n }) => sum + n, 0) || 1;
  return weights.map(({ name, n }) => ({ name, n: Math.round((n / total) * bytes) }));
}

/** The pages of the schema itself, and what else every upgrade writes. */
const least = 2e6;

/**
 * The file grows by what is written anew before the old pages are free; the rollback journal takes only pages that
 * were in use and change. A WAL takes all of it first, and is copied into the file at the end.
 */
export async function diskNeeded(
  deeds: readonly Deed[],
  sizes: readonly TableSize[],
  folder: string,
  isWal: boolean,
): Promise<Disk> {
  const { needed, basis } = diskOf(deeds, sizes);
  const { bavail, bsize } = await statfs(folder);
  return {
    needed: (isWal ? 2 * needed : needed) + least,
    basis: isWal ? `${basis}; in the WAL first, then in the file` : basis,
    free: bavail * bsize,
    where: folder,
  };
}

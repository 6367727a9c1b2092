import type { Deed, Disk, TableSize } from '../cost.js';
import type { Session } from '../dialect.js';
import { indexBytes, sizesByName } from '../disk.js';
import type { Facts } from './server-facts.js';

/**
 * The size of each table's file, where the account has PROCESS; else what InnoDB's statistics say, which lag behind
 * after many rows came at once.
 */
export async function readBytes(
  session: Session,
  tables: readonly string[],
  { flavour }: Pick<Facts, 'flavour'>,
): Promise<Map<string, number>> {
  const found = await numbers(session, tables, 'DATA_LENGTH + INDEX_LENGTH');
  const files = await session
    .query<{ name: string; n: number | string }>(
      `SELECT SUBSTRING_INDEX(NAME, '/', -1) AS name, FILE_SIZE AS n
       FROM information_schema.${flavour === 'mysql' ? 'INNODB_TABLESPACES' : 'INNODB_SYS_TABLESPACES'}
       WHERE SUBSTRING_INDEX(NAME, '/', 1) = ?`,
      [fileName(await databaseOf(session))],
    )
    .catch(() => []);
  const wanted = new Set(tables);
  for (const { name, n } of files)
    if (wanted.has(name)) found.set(name, Math.max(Number(n), found.get(name) ?? 0));
  return found;
}

async function databaseOf(session: Session): Promise<string> {
  const [row] = await session.query<{ name: string | null }>('SELECT DATABASE() AS name');
  return row?.name ?? '';
}

/** As the server writes a name on disk (manual, 11.2.4 "Mapping of Identifiers to File Names"); letters beyond ASCII are left. */
const fileName = (name: string): string =>
  name.replace(/[^\w]/g, (sign) => `@${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);

export const readEstimates = (session: Session, tables: readonly string[]): Promise<Map<string, number>> =>
  numbers(session, tables, 'TABLE_ROWS');

async function numbers(
  session: Session,
  tables: readonly string[],
  expression: string,
): Promise<Map<string, number>> {
  if (tables.length === 0) return new Map();
  const rows = await session.query<{ name: string; n: number | string | null }>(
    `SELECT TABLE_NAME AS name, ${expression} AS n
     FROM information_schema.TABLES
     WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME IN (${tables.map(() => '?').join(', ')})`,
    tables,
  );
  return new Map(rows.map(({ name, n }) => [name, Number(n ?? 0)]));
}

/**
 * Each statement commits by itself, so one copy of a table is there at a time; indexes are sorted in files of the
 * temporary directory first (MySQL manual, 17.12.3 "Online DDL Space Requirements").
 */
export async function diskNeeded(
  deeds: readonly Deed[],
  sizes: readonly TableSize[],
  { flavour }: Facts,
): Promise<Disk> {
  const size = sizesByName(sizes);
  let [stays, peak, biggest] = [0, 0, ''];
  for (const claim of deeds.flatMap(({ claims }) => claims)) {
    const { rows, bytes } = size(claim.table);
    const isBuild = claim.work === 'online' || claim.work === 'build';
    const needs = claim.work === 'rewrite' ? bytes : isBuild ? indexBytes(rows) : 0;
    if (isBuild) stays += needs;
    if (needs > peak) [peak, biggest] = [needs, claim.table];
  }
  const name = flavour === 'mariadb' ? 'MariaDB' : 'MySQL';
  return {
    needed: stays + peak,
    basis:
      peak > 0
        ? `a second copy of ${biggest} or of its index while it is built, and new indexes; sort files stand in tmpdir`
        : 'no table with rows is written anew',
    free: null,
    where: `${name} does not tell what is free on its disk: look there with df`,
  };
}

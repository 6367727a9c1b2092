import type { Deed, Disk, TableSize } from '../cost.js';
import type { Session } from '../dialect.js';
import { diskOf } from '../disk.js';

/** Pages of 8 KiB that belong to the table and its indexes (sys.allocation_units). */
export const readBytes = (session: Session, tables: readonly string[]): Promise<Map<string, number>> =>
  numbers(
    session,
    tables,
    `SELECT t.name, SUM(CAST(a.total_pages AS bigint)) * 8192 AS n FROM sys.tables t
     JOIN sys.partitions p ON p.object_id = t.object_id
     JOIN sys.allocation_units a ON a.container_id = CASE WHEN a.type = 2 THEN p.partition_id ELSE p.hobt_id END`,
  );

export const readEstimates = (session: Session, tables: readonly string[]): Promise<Map<string, number>> =>
  numbers(
    session,
    tables,
    `SELECT t.name, SUM(p.rows) AS n FROM sys.tables t
     JOIN sys.partitions p ON p.object_id = t.object_id AND p.index_id IN (0, 1)`,
  );

async function numbers(
  session: Session,
  tables: readonly string[],
  select: string,
): Promise<Map<string, number>> {
  if (tables.length === 0) return new Map();
  const rows = await session.query<{ name: string; n: number | string | null }>(
    `${select} WHERE t.schema_id = SCHEMA_ID() AND t.name IN (${tables.map(() => '?').join(', ')}) GROUP BY t.name`,
    tables,
  );
  return new Map(rows.map(({ name, n }) => [name, Number(n ?? 0)]));
}

/** One transaction: what is written anew takes its room in the file and again in the log until it ends. */
export async function diskNeeded(deeds: readonly Deed[], sizes: readonly TableSize[]): Promise<Disk> {
  const { needed, basis } = diskOf(deeds, sizes);
  return {
    needed: needed * 2,
    basis: `${basis}; the same again in the transaction log`,
    free: null,
    where:
      'the volumes of SQL Server show to who may VIEW SERVER STATE: SELECT * FROM sys.dm_os_volume_stats(DB_ID(), 1)',
  };
}

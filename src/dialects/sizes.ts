import type { TableSize } from './cost.js';
import type { Session } from './dialect.js';

/** What a server must say itself. */
interface Words {
  /** SELECT of any column from at most so many rows. */
  bounded(count: number, table: string): string;
  /** About how many rows each table has. */
  estimates(tables: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** Bytes on disk with indexes, as far as the server tells, and tells in about so many seconds. */
  bytes(tables: readonly string[], budgetSeconds: number): Promise<ReadonlyMap<string, number>>;
}

/** Counting may take this long in all, where nobody says otherwise. */
const usualSeconds = 4.5;
const piece = 100_000;

/**
 * Reads the sizes of tables, the small ones first. A table that has more rows than one piece is counted to the end
 * only if, at the speed of the piece, the time is there; no statement is ever cut off, which would end a transaction.
 */
export const sizer =
  (session: Session, words: Words) =>
  async (tables: readonly string[], budgetSeconds = usualSeconds): Promise<TableSize[]> => {
    const started = performance.now();
    const left = () => budgetSeconds - (performance.now() - started) / 1000;
    const bytes = await words.bytes(tables, budgetSeconds);
    const estimates = await words.estimates(tables);
    const estimate = (table: string) => estimates.get(table) ?? 0;
    const weight = (table: string) => bytes.get(table) ?? estimate(table);
    const found = new Map<string, TableSize>();
    for (const table of [...tables].sort((a, b) => weight(a) - weight(b))) {
      const counted = left() > 0 ? await count(session, words, table, estimate(table), left) : null;
      const rows = counted?.rows ?? Math.round(estimate(table));
      found.set(table, { table, rows, exact: counted?.exact ?? false, bytes: bytes.get(table) ?? null });
    }
    return tables.map((table) => found.get(table) as TableSize);
  };

async function count(
  session: Session,
  words: Words,
  table: string,
  estimate: number,
  left: () => number,
): Promise<{ rows: number; exact: boolean }> {
  const name = session.sql.quote(table);
  const ask = async (from: string): Promise<number> => {
    const [row] = await session.query<{ n: unknown }>(`SELECT COUNT(*) AS n FROM ${from}`);
    return Number(row?.n ?? 0);
  };
  const since = performance.now();
  const rows = await ask(`(${words.bounded(piece + 1, name)}) piece`);
  if (rows <= piece) return { rows, exact: true };
  const rest = (Math.max(estimate, rows) / rows) * ((performance.now() - since) / 1000);
  if (rest < left()) return { rows: await ask(name), exact: true };
  return { rows: Math.max(Math.round(estimate), rows), exact: false };
}

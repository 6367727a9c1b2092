import type { Probe, Sample, TableSize } from './cost.js';
import type { Session } from './dialect.js';

/** How a server says SELECT of at most so many rows, in any order. */
interface Words {
  first(count: number, columns: string, table: string): string;
  /** How long a value is; the server has to read it to tell. */
  length(column: string): string;
}

/** So many tables are looked at, the biggest ones; below this many rows a time says nothing. */
const mostTables = 3;
const fewestRows = 200;
const firstRows = 2000;
const mostRows = 150_000;
/** What one read of the probe may take; a sort takes about as long. */
const readSeconds = 0.08;

/** A probe that reads a bounded part of the biggest tables: about a second whatever their size. */
export const measurer =
  (session: Session, words: Words) =>
  async (sizes: readonly TableSize[]): Promise<Probe> => {
    const trips: number[] = [];
    for (let i = 0; i < 5; i++) trips.push(await timed(() => session.query('SELECT 1 AS one')));
    const biggest = sizes
      .filter(({ rows }) => rows >= fewestRows)
      .sort((a, b) => (b.bytes ?? b.rows) - (a.bytes ?? a.rows))
      .slice(0, mostTables);
    const samples: Sample[] = [];
    for (const size of biggest) samples.push(await sample(session, words, size));
    return { roundTripSeconds: Math.min(...trips), samples, checkedRows: 0 };
  };

async function sample(session: Session, words: Words, { table, rows: all }: TableSize): Promise<Sample> {
  const { quote } = session.sql;
  const columns = await session.sql.columnsOf(table);
  const lengths = columns.map((column) => `COALESCE(${words.length(quote(column))}, 0)`).join(' + ');
  const list = columns.map(quote).join(', ');
  // Keys of MLflow's tables begin with their first columns, in another order than the rows come in.
  const order = columns.slice(0, 2).reverse().map(quote).join(', ');
  const part = (count: number) => `(${words.first(count, list, quote(table))}) part`;
  const scan = (count: number) => session.query(`SELECT SUM(${lengths}) AS n FROM ${part(count)}`);
  const sort = (count: number) =>
    session.query(
      `SELECT MAX(place) AS n FROM (SELECT ROW_NUMBER() OVER (ORDER BY ${order}) AS place FROM ${part(count)}) sorted`,
    );
  const few = Math.min(all, firstRows);
  const quick = await timed(() => scan(few));
  const rows = Math.min(all, mostRows, Math.max(few, Math.round((few * readSeconds) / quick)));
  return {
    ...{ table, rows },
    scanSeconds: await best(() => scan(rows)),
    sortSeconds: await best(() => sort(rows)),
  };
}

/** The faster of two: what else runs on the server at that moment says little. */
const best = async (work: () => Promise<unknown>): Promise<number> =>
  Math.min(await timed(work), await timed(work));

async function timed(work: () => Promise<unknown>): Promise<number> {
  const since = performance.now();
  await work();
  return (performance.now() - since) / 1000;
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { Session } from '../dialects/dialect.js';
import { MltrackError } from '../errors.js';
import type { Piece, RowContext } from '../schema/row-work.js';
import type { PrepopulateOptions } from './prepopulate.js';
import { commit, Moved, openWrite, requireSources, requireStamp } from './prepopulate-guard.js';
import type { Place } from './prepopulate-state.js';
import type { Ready } from './prepopulate-where.js';
import { rowContext } from './row-context.js';
import { isBusy, stepBack } from './step-back.js';

/** A transaction holds its locks about so long, milliseconds: MLflow waits 20 s for an SQLite file, people do not. */
const pieceMs = 250;

/**
 * Between two transactions at least so long, milliseconds, and as long as the last one took: who waits for an SQLite
 * file asks again every 100 ms (sqliteDefaultBusyCallback), and the server shall have half of the time at least.
 */
const leastPauseMs = 120;

const firstRows = 250;

/** A row that the server deletes or changes under our hands costs another try of its piece. */
const mostAttempts = 5;

interface Count {
  readonly table: string;
  rows: number;
  written: number;
}

/** Fills the columns of a revision ahead of it: each piece is committed for itself. */
export class Filling {
  readonly tables: Count[];
  private readonly sizes = new Map<string, number>();
  /** Rows of the next piece: as many as take `pieceMs`. */
  private size: number;

  constructor(
    private readonly session: Session,
    private readonly found: Ready,
    private readonly options: PrepopulateOptions,
  ) {
    this.tables = found.ahead.tables.map((table) => ({ table, rows: 0, written: 0 }));
    this.size = Math.min(firstRows, options.batchRows);
  }

  /** @throws Moved when an upgrade has come by */
  async run(from: Place | null): Promise<void> {
    const { state } = this.options;
    for (const { table } of this.tables) this.sizes.set(table, await this.session.estimateRows(table));
    const first = Math.max(from ? this.tables.findIndex(({ table }) => table === from.table) : 0, 0);
    for (const [i, count] of this.tables.entries()) {
      if (i < first) continue;
      let after = i === first ? (from?.after ?? undefined) : undefined;
      for (;;) {
        const started = Date.now();
        const piece = await this.patiently(count, after);
        if (!piece?.upTo) break;
        const reached = piece.upTo.map(String);
        // A key that is not valid UTF-8 does not come back as it is stored, and would be read for ever.
        if (after?.every((value, i) => value === reached[i]))
          throw new Error(`unreadable key in ${count.table}: ${reached}`);
        after = reached;
        state?.write({ table: count.table, after });
        await this.pause(Date.now() - started);
      }
      const next = this.tables[i + 1];
      if (next) state?.write({ table: next.table, after: null });
    }
  }

  /** One piece, and again where a lock or the server's own changes were in its way. */
  private async patiently(count: Count, after: readonly string[] | undefined): Promise<Piece | null> {
    const { stop, listen, lockWaitMs } = this.options;
    const until = Date.now() + lockWaitMs;
    for (let attempt = 0; ; attempt++) {
      stop.check();
      try {
        return await this.piece(count, after);
      } catch (error) {
        await this.session.rollback();
        stop.check();
        if (error instanceof Moved) throw error;
        if (isBusy(error) && Date.now() < until) {
          await stepBack(this.session, listen, error, attempt, until);
          continue;
        }
        if (error instanceof MltrackError || attempt + 1 >= mostAttempts) throw error;
        // What the revision refuses may have come since it was looked for.
        await this.found.refuse();
      }
    }
  }

  /** The next rows after a key, in one transaction that no upgrade has come by. */
  private async piece(count: Count, after: readonly string[] | undefined): Promise<Piece | null> {
    const { session, found } = this;
    let [rows, written] = [0, 0];
    const context = this.context((n) => {
      written += n;
    });
    await openWrite(session);
    await requireStamp(session, found);
    const piece = await found.ahead.next(context, count.table, after, this.size);
    if (piece)
      await found.ahead.fill(context, count.table, piece, (n) => {
        rows += n;
      });
    await requireSources(session, found);
    await commit(session, this.options.stop);
    count.rows += rows;
    count.written += written;
    this.tell(count);
    return piece;
  }

  private context(wrote: (rows: number) => void): RowContext {
    const { session, options } = this;
    return {
      ...rowContext(session, options.stop, options.listen, { wrote }),
      // What is cut to its column's length the upgrade tells in one sum, instead of every piece.
      warn: () => undefined,
      updateRows: async (...values) => {
        const found = await session.sql.updateRows(...values);
        wrote(found);
        return found;
      },
    };
  }

  private async pause(took: number): Promise<void> {
    if (took > 2 * pieceMs) this.size = Math.max(Math.floor(this.size / 2), 1);
    else if (took < pieceMs / 2) this.size = Math.min(this.size * 2, this.options.batchRows);
    await sleep(Math.max(took, leastPauseMs));
  }

  private tell({ table, rows }: Count): void {
    const total = [...this.sizes.values()].reduce((sum, n) => sum + n, 1);
    const done = this.tables.reduce((sum, one) => sum + one.rows, 0);
    const share = Math.round(Math.min(done / total, 0.99) * 1000) / 1000;
    this.options.listen({ event: 'progress', step: `fill ${table}`, table, rows, share });
  }
}

import type { Operation } from './operation.js';
import type { Ahead, RowContext } from './row-work.js';

/**
 * Why some database that MLflow may have written after a revision cannot go back to the one before. Whether the rows
 * of a given day can is another question, which `db downgrade` asks the rows.
 */
export interface Irreversible {
  /**
   * `widened`: MLflow may afterwards write values, NULLs or combinations of keys that the schema before cannot hold.
   * `rows`: the revision itself deletes or overwrites rows.
   */
  readonly kind: 'widened' | 'rows';
  /** The tables whose rows are concerned; they were there before. */
  readonly tables: readonly string[];
  /** One sentence for an operator. */
  readonly why: string;
  /** It never goes down, whatever the rows, because MLflow says so. */
  readonly never?: true;
  /** The only servers on which it is so; without it all are. */
  readonly dialects?: readonly string[];
}

/** Rows, or values of columns, that the revision made out of others: as long as they are so, losing them loses nothing. */
export interface Own {
  readonly table: string;
  /** Without them whole rows are meant. */
  readonly columns?: readonly string[];
  /** A condition on `t`, a row of the table, that is true where it is not any more what the revision made. */
  readonly differs?: (context: RowContext) => string;
  /** The same where SQL cannot say it: names every such row. */
  readonly changed?: (context: RowContext) => AsyncIterable<string>;
}

/** What the way down needs to know beyond the inverse of every operation. */
export interface Undo {
  /** Row work of the revision writes to rows that were there before: why they may stay as they are. */
  readonly leaves?: string;
  readonly own?: readonly Own[];
}

/** One MLflow revision, as data. */
export interface Revision {
  /** Alembic's identifier; null for the base, which has no stamp. */
  readonly revision: string | null;
  /** The revision before it. */
  readonly down: string | null;
  /** What it does, for people. */
  readonly title: string;
  /** The first MLflow release that ships it. */
  readonly release: string;
  /**
   * What MLflow's own file gives as "Create Date", ISO (written by fixtures/tools/dates.py): when its author began it,
   * and not always true. null where it gives none.
   */
  readonly created: string | null;
  /** Set where not every database can go back to the revision before. */
  readonly irreversible?: Irreversible;
  readonly undo?: Undo;
  /** What `db upgrade --prepopulate` may do ahead of it; the columns it fills come first in `up`. */
  readonly ahead?: Ahead;
  readonly up: readonly Operation[];
}

/** Declares a revision; the one export of a file in `migrations/`. */
export const revision = (value: Revision): Revision => value;

/** Why a revision is irreversible on one kind of server; null where it is not. */
export const irreversibleOn = ({ irreversible }: Revision, dialect: string): Irreversible | null =>
  irreversible && (irreversible.dialects?.includes(dialect) ?? true) ? irreversible : null;

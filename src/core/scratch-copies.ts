import type { Session, Statement } from '../dialects/dialect.js';
import { blockedError } from '../errors.js';
import { createIndex, type Operation } from '../schema/operation.js';
import { columnOf, type Schema, type Table } from '../schema/table.js';

const prefix = '_alembic_tmp_';

interface Settled {
  /** The schema without scratch copies. */
  readonly live: Schema;
  /** Indexes that a table lost with its original. */
  readonly lost: Operation[];
  /** What has to be done first, for which nothing in a revision stands. */
  readonly statements: Statement[];
  /** What that does, for the operator. */
  readonly notes: string[];
}

/**
 * Alembic changes a table of SQLite's by copying it to `_alembic_tmp_<table>` and renaming the copy. Where it died
 * in between: with the original still there the copy is dropped; without it the copy holds the only rows, and takes
 * its place if it has the columns of the table before or after the next revision.
 *
 * @param shapes the schemas a copy may be of, as folded from the base; the first is the one of the stamp
 * @throws exit 10 when a copy is neither
 */
export function settleScratchCopies(session: Session, found: Schema, shapes: readonly Schema[]): Settled {
  const { quote } = session.sql;
  const live = new Map(found);
  const statements: Statement[] = [];
  const notes: string[] = [];
  const lost: Operation[] = [];
  for (const [name, copy] of found) {
    if (!name.startsWith(prefix)) continue;
    const original = name.slice(prefix.length);
    live.delete(name);
    if (found.has(original)) {
      statements.push({ sql: `DROP TABLE ${quote(name)}`, table: original, title: `drop ${name}` });
      notes.push(`dropped ${name}, a scratch copy that a dead upgrade left beside its original`);
      continue;
    }
    const shape = shapes
      .map((schema) => schema.get(original))
      .find((table) => table && isCopy(copy, table, session));
    if (!shape)
      throw blockedError(
        `${session.place}: table ${original} is missing, and ${name} from a dead upgrade may hold its rows, but has other columns`,
        'restore a backup; or compare the copy by hand and rename it',
      );
    statements.push({
      sql: `ALTER TABLE ${quote(name)} RENAME TO ${quote(original)}`,
      table: original,
      title: `put ${original} back`,
    });
    live.set(original, { ...copy, name: original });
    const indexes = shapes[0]?.get(original)?.indexes ?? [];
    lost.push(
      ...indexes
        .filter((index) => index.columns.every((column) => columnOf(copy, column.name)))
        .map((index) => createIndex(original, index)),
    );
    notes.push(`${name}, which a dead upgrade left with the rows of ${original}, took its place again`);
  }
  return { live, lost, statements, notes };
}

const isCopy = (copy: Table, table: Table, { dialect }: Session): boolean =>
  copy.columns.length === table.columns.length &&
  table.columns.every((column) => {
    const found = columnOf(copy, column.name);
    return found !== undefined && dialect.traits.sameType(column.type, found);
  });

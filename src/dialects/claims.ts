import { apply } from '../schema/apply.js';
import type { Operation } from '../schema/operation.js';
import type { Schema, Table } from '../schema/table.js';
import type { Change, LockClaim } from './cost.js';
import type { Dialect, Statement } from './dialect.js';

/** A statement, what it comes from, and the schema it meets. */
export interface Placed {
  readonly statement: Statement;
  readonly operation: Operation;
  readonly live: Schema;
  /** The table is younger than the change: nobody else knows it, and it has no rows. */
  readonly isNew: boolean;
}

/**
 * The statements of a change with the operation each comes from, where a dialect compiles operation by operation.
 * A change may go through many revisions; what a statement does depends on the schema at its place. A database that
 * is created at once has statements of its own.
 */
export function placed(change: Change, { compile, traits }: Pick<Dialect, 'compile' | 'traits'>): Placed[] {
  const { operations, statements, before, after } = change;
  const isNew = ({ table }: Statement): boolean => !before.has(table);
  if (statements.every(({ sql }) => /^(CREATE|INSERT) /.test(sql)))
    return statements.map((statement) => ({
      ...{ statement, live: before, isNew: isNew(statement) },
      operation: { kind: 'createTable', table: after.get(statement.table) ?? bare(statement.table) },
    }));
  let live = before;
  return operations.flatMap((operation) => {
    const compiled = compile([operation], live).map((statement) => ({
      ...{ statement, operation, live },
      isNew: isNew(statement),
    }));
    live = apply(live, operation, traits);
    return compiled;
  });
}

/** A table of which nothing but its name matters: that of the stamp. */
const bare = (name: string): Table => ({
  ...{ name, columns: [], primaryKey: null, uniques: [], foreignKeys: [] },
  ...{ checks: [], indexes: [], triggers: [] },
});

/** The names of the tables in a list of claims of which `which` is true, each once. */
const tablesOf = (claims: readonly LockClaim[], which: (claim: LockClaim) => boolean): string[] =>
  listedOnce(claims.filter(which).map((claim) => claim.table));

/** Each name once. */
export const listedOnce = (names: readonly string[]): string[] => [...new Set(names)];

/** "spans, traces and 3 more": at most four names. */
export function listed(names: readonly string[]): string {
  if (names.length <= 4) return names.join(', ');
  return `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
}

/**
 * Whether MLflow may keep running while locks are held.
 *
 * @param until when they go, as the end of a sentence: "until the upgrade commits"
 */
export function meanwhile(claims: readonly LockClaim[], until: string): string {
  const closed = tablesOf(claims, (claim) => claim.blocks === 'everyone');
  const readable = tablesOf(claims, (claim) => claim.blocks === 'writers' && !closed.includes(claim.table));
  const writes = `writes to ${listed(readable)} wait ${until}`;
  if (closed.length > 0)
    return `The MLflow server must be stopped: who reads or writes ${listed(closed)} waits ${until}${readable.length > 0 ? `; ${writes}` : ''}.`;
  if (readable.length > 0) return `An MLflow server that only reads may keep running; ${writes}.`;
  return 'The MLflow server may keep running: no table that it uses is held longer than a moment.';
}

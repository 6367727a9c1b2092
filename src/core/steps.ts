import type { Dialect, Statement } from '../dialects/dialect.js';
import { applyAll } from '../schema/apply.js';
import { addForeignKey, type Operation, replacePrimaryKey } from '../schema/operation.js';
import type { RowWork } from '../schema/row-work.js';
import type { Schema } from '../schema/table.js';

/** One change of the schema: statements that run one after the other, and the folded schema around them. */
export interface ChangeStep {
  readonly kind: 'change';
  readonly operations: readonly Operation[];
  readonly statements: readonly Statement[];
  readonly before: Schema;
  readonly after: Schema;
  /** The last revision it does something for. */
  readonly ordinal: number;
  /** Ordinals of the revisions that are whole with this step. */
  readonly ends: readonly number[];
}

/** Work on rows, between two changes. */
export interface RowStep {
  readonly kind: 'rows';
  readonly work: RowWork;
  readonly ordinal: number;
  /** The folded schema when the work runs. */
  readonly schema: Schema;
  readonly ends: readonly number[];
}

/** The revision is written into `alembic_version`. */
export interface StampStep {
  readonly kind: 'stamp';
  readonly ordinal: number;
  /** The table has to be created first. */
  readonly createTable: boolean;
  /** There is no row yet. */
  readonly insert: boolean;
}

/** An upgrade is a list of these; the upgrade runs it, the plan shows it, the script writes it down. */
export type Step = ChangeStep | RowStep | StampStep;

/** What there is of `alembic_version`: not even the table, the empty table, or the table with its row. */
export type StampFound = 'none' | 'table' | 'row';

/** What each revision has left to do. */
export type Remaining = ReadonlyMap<number, readonly Operation[]>;

/**
 * The steps that take `live` through the revisions of `remaining`, in their order. With transactional DDL changes are
 * gathered until row work or the end, because a dialect may fold them (SQLite then rebuilds a table once for many
 * revisions), and one stamp comes last. Without it each revision is carried out and stamped for itself, but for two
 * neighbours that would write one table anew each: they are carried out as one and share a stamp. What a crash leaves
 * in them lies between two stamps that MLflow knows, and is healed like what it leaves in one revision.
 */
export function stepsOf(dialect: Dialect, remaining: Remaining, live: Schema, found: StampFound): Step[] {
  const gathering = new Gathering(dialect, live);
  let stamped = found;
  const stamp = (ordinal: number): void => {
    gathering.steps.push({
      kind: 'stamp',
      ordinal,
      createTable: stamped === 'none',
      insert: stamped !== 'row',
    });
    stamped = 'row';
  };
  const revisions = [...remaining];
  for (const [at, [ordinal, operations]] of revisions.entries()) {
    gathering.add(ordinal, operations);
    if (dialect.transactionalDdl || gathering.savesPass(revisions[at + 1]?.[1])) continue;
    gathering.flush();
    stamp(ordinal);
  }
  gathering.flush();
  const last = revisions.at(-1)?.[0];
  if (dialect.transactionalDdl && last !== undefined) stamp(last);
  return gathering.steps;
}

/** The name of the table that an operation changes, null where it creates one or is about none. */
const alters = (operation: Operation): string | null =>
  'table' in operation && operation.kind !== 'createTable' ? operation.table : null;

class Gathering {
  readonly steps: Step[] = [];
  private pending: Operation[] = [];
  private ends: number[] = [];
  private ordinal = 0;

  constructor(
    private readonly dialect: Dialect,
    private live: Schema,
  ) {}

  add(ordinal: number, operations: readonly Operation[]): void {
    this.ordinal = ordinal;
    for (const [i, operation] of operations.entries()) {
      if (operation.kind !== 'rows') {
        this.pending.push(operation);
        continue;
      }
      const later = this.bare(operation);
      this.flush();
      const ends = i === operations.length - 1 && later.length === 0 ? [ordinal] : [];
      this.steps.push({ kind: 'rows', work: operation, ordinal, schema: this.live, ends });
      this.pending.push(...later);
    }
    if (operations.at(-1)?.kind !== 'rows' || this.pending.length > 0) this.ends.push(ordinal);
  }

  /** Takes the keys of tables that `work` fills out of their CREATE; what adds them afterwards. */
  private bare({ fills = [] }: RowWork): Operation[] {
    // Where a step stands for itself, a table without its keys must not be left behind.
    if (!this.dialect.fillsBare || !this.dialect.transactionalDdl) return [];
    const later: Operation[] = [];
    this.pending = this.pending.map((operation) => {
      if (operation.kind !== 'createTable' || !fills.includes(operation.table.name)) return operation;
      const { name, primaryKey, foreignKeys } = operation.table;
      if (primaryKey?.name) later.push(replacePrimaryKey(name, primaryKey.name, primaryKey.columns));
      later.push(...foreignKeys.map((key) => addForeignKey(name, key)));
      const kept = primaryKey?.name ? null : primaryKey;
      return { ...operation, table: { ...operation.table, primaryKey: kept, foreignKeys: [] } };
    });
    return later;
  }

  /** Whether the server passes over the rows less often when what is gathered and `next` are one change. */
  savesPass(next: readonly Operation[] = []): boolean {
    const { dialect, live, pending } = this;
    const tables = new Set(pending.map(alters));
    if (
      next.some(({ kind }) => kind === 'rows') ||
      !next.map(alters).some((name) => name && tables.has(name))
    )
      return false;
    const passes = (operations: readonly Operation[], schema: Schema): number =>
      dialect.compile(operations, schema).filter(({ scans }) => scans).length;
    const apart = passes(pending, live) + passes(next, applyAll(live, pending, dialect.traits));
    return passes([...pending, ...next], live) < apart;
  }

  flush(): void {
    if (this.pending.length + this.ends.length === 0) return;
    const [operations, before] = [this.pending, this.live];
    this.live = applyAll(before, operations, this.dialect.traits);
    const statements = this.dialect.compile(operations, before);
    const { ordinal, ends, live: after } = this;
    this.steps.push({ kind: 'change', operations, statements, before, after, ordinal, ends });
    [this.pending, this.ends] = [[], []];
  }
}

import type { Difference } from './diff.js';
import type { Column, Generated, Schema, Table, Trigger } from './table.js';

/** What of a column's type differs. */
export type TypeFacet = 'type' | 'length' | 'collation';

/**
 * When two words for one thing are the same: what `diff` asks a dialect. One object a dialect, in its folder's
 * `equivalent.ts`; nothing about equivalence stands elsewhere, and each rule names its source.
 */
export interface Equivalence {
  /** null: the same type. Both columns may be in MLflow's words or in the server's. */
  typeFacet(wanted: Column, found: Column, tables: Compared): TypeFacet | null;
  /** Not asked of columns that count by themselves. */
  sameDefault(wanted: Column, found: Column): boolean;
  /** Whether both columns count by themselves, or neither does. */
  sameIdentity(wanted: Column, found: Column, tables: Compared): boolean;
  sameGenerated(wanted: Generated, found: Generated): boolean;
  /**
   * A table of MLflow's as this server can have it: indexes without INCLUDE, WHERE or prefix lengths where it knows
   * none, with the checks it adds by itself. A table that was found is left as it is.
   */
  asHere(table: Table): Table;
  /** Of checks and of an index's WHERE. */
  sameExpression(a: string, b: string): boolean;
  sameTrigger(found: Trigger, wanted: Trigger, table: string): boolean;
  /** Of indexes and triggers; servers may fold case. */
  sameName(a: string, b: string): boolean;
  /** True where a difference is none: a real MLflow release, or the server itself, left it so. */
  tolerates(difference: Difference, tables: Compared): boolean;
}

/** One table on both sides, and the schemas they are in. */
export interface Compared {
  readonly wanted: Table;
  readonly found: Table;
  readonly wantedSchema: Schema;
  readonly foundSchema: Schema;
}

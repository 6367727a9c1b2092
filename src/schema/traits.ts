import type { ColumnType } from './column-type.js';
import type { Table } from './table.js';

/** What a dialect makes of an operation beside what it says: the parameters of `apply`. */
export interface Traits {
  /** BOOLEAN is a type of its own, so `addBooleanCheck` adds nothing. */
  readonly nativeBoolean: boolean;
  /**
   * A table as the server has it once a statement is through: names it gives to unnamed constraints, constraints it
   * silently leaves out. Must change nothing when asked again.
   */
  settle(table: Table): Table;
  /** Whether two types are the same column type on this server. */
  sameType(a: ColumnType, b: ColumnType): boolean;
}

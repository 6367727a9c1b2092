import type { ColumnType } from './column-type.js';
import type { Column, Default, Table, Trigger } from './table.js';

/** What a dialect makes of an operation beside what it says: the parameters of `apply`. */
export interface Traits {
  /** BOOLEAN is a type of its own, so `addBooleanCheck` adds nothing. */
  readonly nativeBoolean: boolean;
  /**
   * A table as the server has it once a statement is through: names it gives to unnamed constraints, constraints it
   * silently leaves out. Must change nothing when asked again.
   */
  settle(table: Table): Table;
  /** Whether a column has this type already, in whatever words the server tells it. */
  sameType(type: ColumnType, column: Column): boolean;
  /** Whether a column has this default already; null is none. */
  sameDefault(value: Default | null, column: Column): boolean;
  /** Whether the expressions of two checks say the same, in whatever words the server tells them. */
  sameExpression(a: string, b: string): boolean;
  /** Whether a trigger that was found on a table is the one that a revision makes. */
  sameTrigger(found: Trigger, wanted: Trigger, table: string): boolean;
}

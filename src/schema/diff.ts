import { diffTable } from './diff-table.js';
import type { Equivalence } from './equivalence.js';
import type {
  Check,
  Column,
  ForeignKey,
  Index,
  PrimaryKey,
  Schema,
  Table,
  Trigger,
  Unique,
} from './table.js';

/** What a difference can be about. */
export interface Parts {
  readonly table: Table;
  readonly column: Column;
  readonly primaryKey: PrimaryKey;
  readonly unique: Unique;
  readonly foreignKey: ForeignKey;
  readonly check: Check;
  readonly index: Index;
  readonly trigger: Trigger;
}

export type PartName = keyof Parts;

/** What of a part that is on both sides differs. */
export type Facet =
  | 'type'
  | 'length'
  | 'collation'
  | 'nullable'
  | 'default'
  | 'generated'
  | 'identity'
  | 'columns'
  | 'unique'
  | 'include'
  | 'where'
  | 'name'
  | 'actions'
  | 'expression'
  | 'body'
  /** A table whose definition could not be read. */
  | 'unreadable';

/** One part of which `wanted` and `found` differ: null on one side where it is missing or extra; `facet` only where it is on both. */
export interface DifferenceIn<P extends PartName> {
  readonly part: P;
  readonly table: string;
  readonly wanted: Parts[P] | null;
  readonly found: Parts[P] | null;
  readonly facet: Facet | null;
}

export type Difference = { [P in PartName]: DifferenceIn<P> }[PartName];

/**
 * Everything in which `found` differs from `wanted`, table by table. The order of columns, of constraints and the
 * names of constraints mean nothing. Either side may be a live schema.
 */
export function diff(wanted: Schema, found: Schema, same: Equivalence): Difference[] {
  const differences: Difference[] = [];
  for (const table of wanted.values()) {
    const other = found.get(table.name);
    if (other)
      differences.push(
        ...diffTable({ wanted: table, found: other, wantedSchema: wanted, foundSchema: found }, same),
      );
    else differences.push({ part: 'table', table: table.name, wanted: table, found: null, facet: null });
  }
  for (const table of found.values())
    if (!wanted.has(table.name))
      differences.push({ part: 'table', table: table.name, wanted: null, found: table, facet: null });
  return differences;
}

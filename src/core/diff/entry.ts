import type { ObjectKind } from '../../dialects/check.js';

/** Something in which two databases differ. Field names are stable. */
export interface DiffEntry {
  /** Where it is: in one of them only, or in both and differs. */
  readonly kind: 'only-left' | 'only-right' | 'differs';
  readonly object: ObjectKind;
  /** null: the database as a whole. */
  readonly table: string | null;
  /** Of the column, constraint, index or trigger; null: the table itself. */
  readonly name: string | null;
  /** How it is there, in a few words; null: it is not. */
  readonly left: string | null;
  readonly right: string | null;
  /** False: the user's own, which MLflow never made. */
  readonly mlflow: boolean;
}

/** What is where. */
export const kindOf = (left: string | null, right: string | null): DiffEntry['kind'] =>
  right === null ? 'only-left' : left === null ? 'only-right' : 'differs';

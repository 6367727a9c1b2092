/**
 * The links of MLflow's schema that have no foreign key, and what a collection does to the row that holds one when
 * the row it names goes. A link counts wherever both of its columns exist.
 *
 * - delete: the row says nothing without the other one, so it goes with it.
 * - clear: the row stays, its column becomes NULL.
 * - keep: the row stays as it is. It tells where something came from, belongs to somebody else, or is free text.
 * - hold: the other row stays, because this one still needs it.
 */
export type OnDelete = 'delete' | 'clear' | 'keep' | 'hold';

export interface SoftLink {
  readonly table: string;
  readonly column: string;
  readonly to: string;
  readonly toColumn: string;
  /** Only rows with these values. */
  readonly when?: Readonly<Record<string, string>>;
  /** The column holds JSON, and the id is the text under this key of its object. */
  readonly json?: string;
  /** Only rows where this column is NULL. */
  readonly unless?: string;
  readonly onDelete: OnDelete;
  /** What `mlflow gc` 3.18 does: it removes the row, leaves it dangling, or fails. */
  readonly mlflow: 'removes' | 'leaves' | 'fails';
  readonly why: string;
  /** The file of MLflow below `mlflow/`, and the function that writes or reads the column. */
  readonly source: string;
}

/** A foreign key whose own ON DELETE is not what a collection does. */
export type ForeignKeyRule = Pick<SoftLink, 'table' | 'column' | 'onDelete' | 'why' | 'source'>;

/** What is known of a schema's links. */
export interface Links {
  readonly softLinks: readonly SoftLink[];
  readonly foreignKeyRules: readonly ForeignKeyRule[];
}

import type { Equivalence } from '../schema/equivalence.js';
import type { Operation } from '../schema/operation.js';
import type { Schema } from '../schema/table.js';
import type { Session, Statement } from './dialect.js';

/**
 * `error`: MLflow breaks or data is at risk; `warning`: slow, or it will break a later upgrade; `note`: the user's own
 * additions, and what is only worth knowing.
 */
export type Severity = 'error' | 'warning' | 'note';

/** What a finding is of. Stable: ignore files, SARIF and scripts name them. */
export type RuleId =
  | 'table-missing'
  | 'table-extra'
  | 'table-scratch'
  | 'table-unreadable'
  | 'column-missing'
  | 'column-extra'
  | 'column-type'
  | 'column-length'
  | 'column-collation'
  | 'column-nullable'
  | 'column-default'
  | 'column-generated'
  | 'column-identity'
  | 'primary-key'
  | 'unique-missing'
  | 'unique-extra'
  | 'foreign-key-missing'
  | 'foreign-key-action'
  | 'foreign-key-extra'
  | 'check-missing'
  | 'check-differs'
  | 'check-extra'
  | 'index-missing'
  | 'index-differs'
  | 'index-extra'
  | 'trigger-missing'
  | 'trigger-differs'
  | 'trigger-extra'
  /** A constraint that is there and that the server did not check (NOT VALID, NOCHECK), or does not enforce. */
  | 'constraint-unchecked'
  /** An index that is there and that the server does not use (invalid, invisible, disabled). */
  | 'index-unusable'
  | 'trigger-disabled'
  | 'table-engine'
  | 'table-collation'
  | 'database-charset'
  | 'table-owner'
  | 'sequence-owner'
  | 'sequence-behind'
  | 'rows-damaged'
  | 'rows-orphaned'
  | 'hot-journal'
  | 'revision-behind'
  | 'revision-half-applied'
  | 'stamp-wrong'
  | 'database-empty';

export type ObjectKind =
  | 'database'
  | 'table'
  | 'column'
  | 'primary key'
  | 'unique constraint'
  | 'foreign key'
  | 'check'
  | 'index'
  | 'trigger'
  | 'sequence'
  | 'revision';

/** How a finding is repaired. */
export type Repair =
  /** By `db repair`: changes in the words of revisions, on the schema as it is. */
  | { readonly kind: 'operations'; readonly operations: readonly Operation[] }
  /** By `db repair`: what revisions have no words for. */
  | { readonly kind: 'statements'; readonly statements: readonly Statement[] }
  /** By another command, which the operator runs. */
  | { readonly kind: 'command'; readonly command: string }
  /** Not safely, or not at all. */
  | { readonly kind: 'none'; readonly reason: string };

/** Something in a database that is not as MLflow has it. */
export interface Finding {
  readonly rule: RuleId;
  readonly severity: Severity;
  readonly object: ObjectKind;
  /** null: the database as a whole. */
  readonly table: string | null;
  /** Of the column, constraint, index, trigger; of a constraint without a name its columns. null: the table itself. */
  readonly name: string | null;
  /** What MLflow has, in a few words; null: nothing. */
  readonly expected: string | null;
  readonly found: string | null;
  /** Why it matters to MLflow, one sentence. */
  readonly why: string;
  readonly repair: Repair;
}

/** What this role may not see, which is neither drift nor clean. */
export interface NotChecked {
  /** "the triggers of secrets". */
  readonly what: string;
  /** Why, in the server's terms. */
  readonly why: string;
  /** The statement that lets the role see it, or what else to do. */
  readonly remedy: string;
  /** Findings about these are not reported: they cannot be told from what is hidden. Without `tables`: about all. */
  readonly hides: { readonly rules: readonly RuleId[]; readonly tables?: readonly string[] };
}

/** What a database has that `introspect` has no words for. */
export interface ServerFacts {
  readonly findings: readonly Finding[];
  readonly notChecked: readonly NotChecked[];
}

/**
 * What `db check` asks of a kind of server. Every query reads catalogs only, in autocommit, with no lock that an
 * upgrade or MLflow would feel; loaded when a check asks for it.
 */
export interface CheckModule {
  readonly same: Equivalence;
  /** Whether a value that is longer than its column's declared length is refused. */
  readonly enforcesLengths: boolean;
  /** Engine, collation, validity, owners, sequences of MLflow's tables, and what the role cannot see. */
  facts(session: Session, expected: Schema, live: Schema): Promise<ServerFacts>;
  /** `--rows`: damage, rows whose foreign keys point nowhere, and the tables that may not be read. Reads whole tables. */
  scanRows(session: Session, expected: Schema, live: Schema): Promise<ServerFacts>;
  /**
   * A statement of a repair as the server does it while others go on, where it can: CREATE INDEX CONCURRENTLY. Such
   * statements run outside of a transaction, under the lock. null: it runs as it is.
   */
  online(statement: Statement): Statement | null;
}

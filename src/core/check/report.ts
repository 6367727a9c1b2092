import type { Finding, NotChecked, Severity } from '../../dialects/check.js';
import type { DialectName } from '../../dialects/dialect.js';
import type { Verdict } from '../verdict.js';

/** A finding with its name and the SQL that repairs it. */
export interface Reported extends Finding {
  /** `index-missing:metrics.index_metrics_run_uuid`: the same in every run, what ignore files name. */
  readonly id: string;
  /** One sentence: what is expected, what is there. */
  readonly message: string;
  /** Statements that repair it, in their order; empty where there are none. */
  readonly sql: readonly string[];
}

/** A finding that an ignore file covers. */
export interface Ignored {
  readonly finding: Reported;
  readonly reason: string;
  /** ISO date; null: for ever. */
  readonly expires: string | null;
}

/** What `db check` found in one database. Field names are stable; `version` is that of the shape. */
export interface CheckReport {
  readonly event: 'check';
  readonly version: 1;
  /** What the config calls it; null without one. */
  readonly name: string | null;
  /** The URI without its password. */
  readonly database: string;
  readonly server: string;
  readonly dialect: DialectName;
  /** null: no stamp. */
  readonly revision: string | null;
  /** "written by MLflow 2.9–2.12". */
  readonly written: string;
  /** Revisions to the head that this mltrack knows. */
  readonly behind: number;
  readonly findings: readonly Reported[];
  readonly ignored: readonly Ignored[];
  /** Entries of the ignore file that covered nothing, or are past their date: a sentence each. */
  readonly staleIgnores: readonly string[];
  readonly notChecked: readonly NotChecked[];
  /** Whether row scans ran. */
  readonly rows: boolean;
  /** `--for`: whether that MLflow starts. */
  readonly mlflow: Verdict | null;
  readonly seconds: number;
  /** What the command exits with for this database alone. */
  readonly exitCode: number;
}

/** A database that could not be checked at all (not reachable, not MLflow's). */
export interface CheckFailure {
  readonly event: 'check-failed';
  readonly version: 1;
  readonly name: string | null;
  readonly database: string;
  readonly exitCode: number;
  readonly message: string;
  readonly hints: readonly string[];
}

export type CheckOutcome = CheckReport | CheckFailure;

/** How many findings of each severity. */
export const countOf = (findings: readonly Finding[], severity: Severity): number =>
  findings.filter((finding) => finding.severity === severity).length;

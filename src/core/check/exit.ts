import { ExitCode } from '../../errors.js';
import { type CheckOutcome, type CheckReport, countOf } from './report.js';
import type { Severity } from './rules.js';

/** From which severity on a finding fails the check. */
export type FailOn = Severity;

const rank: Readonly<Record<Severity, number>> = { note: 0, warning: 1, error: 2 };

/** Whether a finding of this severity is drift. */
export const fails = (severity: Severity, failOn: FailOn): boolean => rank[severity] >= rank[failOn];

/** What decides the exit code beside the findings. */
export interface Strictness {
  readonly failOn: FailOn;
  /** What the role may not see is a failure. */
  readonly requireComplete: boolean;
}

/** docs/exit-codes.md: of several, the first of these that occurred counts. */
const worstFirst: readonly number[] = [
  ExitCode.unexpected,
  ExitCode.usage,
  ExitCode.unreachable,
  ExitCode.ahead,
  ExitCode.blocked,
  ExitCode.locked,
  ExitCode.drift,
  ExitCode.behind,
];

/** The worst of several exit codes; 0 without any. */
export const worstOf = (codes: readonly number[]): number =>
  worstFirst.find((code) => codes.includes(code)) ??
  codes.find((code) => code !== ExitCode.done) ??
  ExitCode.done;

/** What one database that was checked ends the command with. */
export function exitCodeOf(
  { findings, notChecked, mlflow }: Pick<CheckReport, 'findings' | 'notChecked' | 'mlflow'>,
  { failOn, requireComplete }: Strictness,
): number {
  return worstOf([
    mlflow ? codeOfVerdict[mlflow.relation] : ExitCode.done,
    requireComplete && notChecked.length > 0 ? ExitCode.blocked : ExitCode.done,
    findings.some(({ severity }) => fails(severity, failOn)) ? ExitCode.drift : ExitCode.done,
  ]);
}

/** `--for`: an MLflow that creates its tables does not start on this database as it stands. */
const codeOfVerdict: Readonly<Record<NonNullable<CheckReport['mlflow']>['relation'], ExitCode>> = {
  accepts: ExitCode.done,
  behind: ExitCode.behind,
  creates: ExitCode.behind,
  ahead: ExitCode.ahead,
  unknown: ExitCode.ahead,
};

/** How a call ended, over all its databases. */
export interface Summary {
  readonly event: 'checked';
  readonly version: 1;
  readonly databases: number;
  /** Of them, those that could not be checked. */
  readonly failed: number;
  readonly errors: number;
  readonly warnings: number;
  readonly notes: number;
  readonly ignored: number;
  readonly notChecked: number;
  readonly exitCode: number;
}

/** Counts what the databases of one call have in all. */
export function summaryOf(outcomes: readonly CheckOutcome[]): Summary {
  const reports = outcomes.filter((outcome) => outcome.event === 'check');
  const findings = reports.flatMap((report) => report.findings);
  return {
    event: 'checked',
    version: 1,
    databases: outcomes.length,
    failed: outcomes.length - reports.length,
    errors: countOf(findings, 'error'),
    warnings: countOf(findings, 'warning'),
    notes: countOf(findings, 'note'),
    ignored: reports.reduce((sum, report) => sum + report.ignored.length, 0),
    notChecked: reports.reduce((sum, report) => sum + report.notChecked.length, 0),
    exitCode: worstOf(outcomes.map(({ exitCode }) => exitCode)),
  };
}

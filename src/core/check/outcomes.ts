import type { DialectName } from '../../dialects/dialect.js';
import { ExitCode, MltrackError } from '../../errors.js';
import type { Checked } from './check.js';
import { exitCodeOf, type Strictness } from './exit.js';
import { cover, type Ignores, staleOf, type Use } from './ignores.js';
import type { CheckFailure, CheckOutcome, CheckReport } from './report.js';
import type { Target } from './targets.js';

/** A database that was checked. */
export interface Done {
  readonly target: Target;
  readonly checked: Checked;
  readonly server: string;
  readonly dialect: DialectName;
  readonly seconds: number;
}

/** A database that could not be checked. */
export interface Failed {
  readonly target: Target;
  readonly error: unknown;
}

/**
 * What is told of each database: its findings without those that its ignore file covers. An entry of a file that
 * several databases share is stale only when it covers nothing in any of them; the first of them tells.
 *
 * @param today ISO date
 */
export function outcomesOf(
  results: readonly (Done | Failed)[],
  strictness: Strictness,
  today: string,
): CheckOutcome[] {
  const covered = results.map((result) =>
    'error' in result
      ? null
      : cover(result.target.ignores ?? [], result.target, result.checked.findings, today),
  );
  const usesOf = (ignores: Ignores): Use[] =>
    results.flatMap((result, i) => {
      if (result.target.ignores !== ignores) return [];
      const { name, database, rows } = result.target;
      const notChecked = 'error' in result ? [] : result.checked.notChecked;
      return [{ name, database, rows, notChecked, used: covered[i]?.used ?? null }];
    });
  const told = new Set<Ignores>();
  return results.map((result, i) => {
    const parts = covered[i];
    if ('error' in result || !parts) return failureOf(result as Failed);
    const { ignores } = result.target;
    const staleIgnores = ignores && !told.has(ignores) ? staleOf(ignores, usesOf(ignores), today) : [];
    if (ignores) told.add(ignores);
    const { findings, ignored } = parts;
    return reportOf(result, { findings, ignored, staleIgnores }, strictness);
  });
}

function reportOf(
  { target, checked, server, dialect, seconds }: Done,
  parts: Pick<CheckReport, 'findings' | 'ignored' | 'staleIgnores'>,
  strictness: Strictness,
): CheckReport {
  const { revision, written, behind, notChecked, mlflow } = checked;
  return {
    ...{ event: 'check', version: 1, name: target.name, database: target.database, server, dialect },
    ...{ revision, written, behind, ...parts, notChecked, rows: target.rows, mlflow, seconds },
    exitCode: exitCodeOf({ findings: parts.findings, notChecked, mlflow }, strictness),
  };
}

function failureOf({ target, error }: Failed): CheckFailure {
  const known = error instanceof MltrackError ? error : null;
  return {
    ...{ event: 'check-failed', version: 1, name: target.name, database: target.database },
    exitCode: known?.exitCode ?? ExitCode.unexpected,
    message: error instanceof Error ? error.message : String(error),
    hints: known?.hints ?? ['please report this'],
  };
}

import { ExitCode, MltrackError } from '../../errors.js';
import type { Summary } from './exit.js';
import type { Done, Failed } from './outcomes.js';
import type { CheckOutcome } from './report.js';

/** The commands to go on with. */
export interface GoingOn {
  readonly repair: string;
  readonly plan: string;
}

const somewhere: GoingOn = { repair: 'mltrack db repair --dry-run', plan: 'mltrack db plan' };

/** The error that a check ends with; null where nothing failed. What one database alone fails with is kept as it is. */
export function endingOf(
  results: readonly (Done | Failed)[],
  outcomes: readonly CheckOutcome[],
  summary: Summary,
  next = somewhere,
): unknown {
  const code = summary.exitCode as ExitCode;
  if (code === ExitCode.done) return null;
  const [only] = results;
  if (results.length === 1 && only && 'error' in only) return only.error;
  const { message, hints } = say(code, outcomes, summary, next);
  return new MltrackError(code, message, { hints });
}

function say(
  code: ExitCode,
  outcomes: readonly CheckOutcome[],
  { failed, databases }: Summary,
  { repair, plan }: GoingOn,
): { message: string; hints: readonly string[] } {
  if (failed > 0)
    return {
      message: `${failed} of ${databases} databases could not be checked`,
      hints: outcomes.flatMap((outcome) =>
        outcome.event === 'check-failed' ? [`${outcome.name ?? outcome.database}: ${outcome.message}`] : [],
      ),
    };
  const reports = outcomes.flatMap((outcome) =>
    outcome.event === 'check' && outcome.exitCode === code ? [outcome] : [],
  );
  const where = databases > 1 ? ` in ${reports.length} of ${databases} databases` : '';
  switch (code) {
    case ExitCode.ahead:
    case ExitCode.behind: {
      const verdicts = reports.flatMap(({ mlflow }) => (mlflow ? [mlflow] : []));
      return {
        message: `${verdicts[0]?.sentence}${where}`,
        hints: [...new Set(verdicts.flatMap(({ todo }) => (todo === null ? [] : [todo])))],
      };
    }
    case ExitCode.blocked:
      return {
        message: `not everything could be checked${where}, and --require-complete asks for it`,
        hints: [...new Set(reports.flatMap(({ notChecked }) => notChecked.map(({ remedy }) => remedy)))],
      };
    default: {
      // What a revision lacks is no drift: an upgrade goes on with it.
      const isHalf = reports.some(({ findings }) =>
        findings.some(({ rule }) => rule === 'revision-half-applied'),
      );
      return {
        message: `the schema is not as MLflow has it${where}`,
        hints: [
          isHalf ? `to see what is left to do: ${plan}` : `to see what of it can be repaired: ${repair}`,
          'what is meant to be so: --ignore (docs/check.md)',
        ],
      };
    }
  }
}

import { ExitCode, MltrackError } from '../../errors.js';
import type { RepairPlan } from './repair-plan.js';
import type { Reported } from './report.js';

/** A finding that is not repaired. */
export interface LeftFinding {
  readonly finding: Reported;
  readonly why: string;
  /** Rights or the server stand in the way. */
  readonly blocked: boolean;
}

/** What a plan leaves alone, notes aside. */
export const leftIn = ({ checked, left }: RepairPlan): LeftFinding[] =>
  checked.findings.flatMap((finding) => {
    const found = left.get(finding.id);
    return found && finding.severity !== 'note'
      ? [{ finding, why: found.reason, blocked: found.blocked }]
      : [];
  });

/**
 * Ends a repair that left something.
 *
 * @throws exit 10 where nothing was done because rights were missing or the server stood in the way, else exit 3
 */
export function refuseLeft(left: readonly LeftFinding[], repaired: number): void {
  if (left.length === 0) return;
  const isBlocked = repaired === 0 && left.some(({ blocked }) => blocked);
  const commands = new Set(
    left.flatMap(({ finding: { repair } }) => (repair.kind === 'command' ? [`run: ${repair.command}`] : [])),
  );
  throw new MltrackError(
    isBlocked ? ExitCode.blocked : ExitCode.drift,
    `${left.length} ${left.length === 1 ? 'finding is' : 'findings are'} left: ${left
      .slice(0, 3)
      .map(({ finding }) => finding.id)
      .join(', ')}${left.length > 3 ? ' …' : ''}`,
    { hints: [...commands, 'the reason stands with each of them; put it right and run the repair again'] },
  );
}

import type { Rules } from '../core/gc/eligible-rules.js';
import type { GcPlan, PlanChoices } from '../core/gc/plan.js';
import type { ReadPlan } from '../core/gc/plan-file.js';
import type { Limits } from '../core/gc/plan-limits.js';
import type { Chosen } from '../core/gc/plan-select.js';
import type { GcReport } from '../core/gc/report.js';
import { confirmationError, MltrackError } from '../errors.js';
import type { GcWords } from './gc-options.js';

interface Looked {
  /** The database without its password, or the directory of a file store. */
  readonly place: string;
  readonly server: string;
  /** null: a file store has none. */
  readonly revision: string | null;
  /**
   * What the command line ends with though the work is done: a limit that would stop it (exit 10), items that stayed
   * because something failed (7, 8); null where nothing is wrong.
   */
  readonly error: MltrackError | null;
}

/** With `dryRun` or `plan`: what would go. */
export interface GcPlanned extends Looked {
  readonly plan: GcPlan;
  /** Anything would go. */
  readonly goes: boolean;
}

export interface GcCollected extends Looked {
  /** What was chosen to go, and by which rules. */
  readonly items: readonly Chosen[];
  readonly choices: PlanChoices;
  readonly report: GcReport;
  /** There was nothing to do. */
  readonly nothing: boolean;
  readonly seconds: number;
}

export type GcResult = GcPlanned | GcCollected;

/** What a call comes to, before anything is opened. */
export interface GcRequest {
  readonly options: GcWords;
  readonly rules: Rules;
  readonly choices: PlanChoices;
  readonly limits: Limits;
  readonly file: ReadPlan | null;
  readonly now: number;
}

/** The error that a check ends with, as a value. @throws what is no MltrackError */
export async function errorOf(check: () => void | Promise<void>): Promise<MltrackError | null> {
  try {
    await check();
    return null;
  } catch (error) {
    if (error instanceof MltrackError) return error;
    throw error;
  }
}

/** Nobody agreed. @param folders that belong to nothing and would go, too */
export function notAgreed(items: number, place: string, folders = 0): MltrackError {
  const what = `${items.toLocaleString('en')} item${items === 1 ? '' : 's'}`;
  return confirmationError(
    `${what}${folders > 0 ? ` and ${folders} folders that belong to nothing` : ''} would be deleted for good from ${place}; nothing was deleted`,
    'look at them with --dry-run, then agree with --yes',
  );
}

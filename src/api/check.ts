import { checkDatabase } from '../core/check/check.js';
import type { FailOn } from '../core/check/exit.js';
import { type Done, type Failed, outcomesOf } from '../core/check/outcomes.js';
import type { CheckReport } from '../core/check/report.js';
import { type Target, targetsOf } from '../core/check/targets.js';
import { withStop } from '../core/stop.js';
import type { Session } from '../dialects/dialect.js';
import { reading, uriFrom } from './connecting.js';
import type { ConnectingOptions, Database } from './options.js';

export interface CheckOptions extends ConnectingOptions {
  /** Also say whether the server of this MLflow starts on it. */
  readonly for?: string | undefined;
  /** Being behind the newest MLflow is an error. */
  readonly requireHead?: boolean | undefined;
  /** Also read the rows: damage, foreign keys that point nowhere. */
  readonly rows?: boolean | undefined;
  /** From which severity on `exitCode` is 3; default "warning". */
  readonly failOn?: FailOn | undefined;
  /** `exitCode` is 10 where the role may not see everything. */
  readonly requireComplete?: boolean | undefined;
  /** A YAML file of findings that are meant to be so, each with a reason. */
  readonly ignore?: string | undefined;
}

/** Compares a schema with MLflow's; see `src/index.ts`. */
export async function check(database: Database, options: CheckOptions = {}): Promise<CheckReport> {
  const uri = uriFrom(database, options);
  const { ignore, failOn } = options;
  const read = await withStop(options.signal, (stop) =>
    targetsOf(
      [uri],
      {
        ...(options.for === undefined ? {} : { for: options.for }),
        ...(ignore === undefined ? {} : { ignore }),
        ...(failOn === undefined ? {} : { failOn }),
        ...(options.requireHead ? { requireHead: true } : {}),
        ...(options.rows ? { rows: true } : {}),
        ...(options.requireComplete ? { requireComplete: true } : {}),
      },
      {},
      stop,
    ),
  );
  const { targets, ...strictness } = read;
  const done = await checkTarget(targets[0] as Target, options);
  return outcomesOf([done], strictness, today())[0] as CheckReport;
}

/** ISO date: what is past by it no ignore covers any more. */
export const today = (): string => new Date().toISOString().slice(0, 10);

/** Checks several, one after another. One that cannot be checked does not keep the others from it; a stop does. */
export async function checkTargets(
  targets: readonly Target[],
  options: ConnectingOptions,
  last?: Last,
): Promise<(Done | Failed)[]> {
  const results: (Done | Failed)[] = [];
  for (const target of targets)
    results.push(
      await withStop(options.signal, async (stop) => {
        stop.check();
        try {
          return await checkTarget(target, options, last);
        } catch (error) {
          stop.check();
          return { target, error };
        }
      }),
    );
  return results;
}

/** Asks the open session something more. */
type Last = (session: Session, target: Target, revision: string | null) => Promise<void>;

async function checkTarget(target: Target, options: ConnectingOptions, last?: Last): Promise<Done> {
  const started = performance.now();
  return reading(
    target.uri,
    { ...options, password: undefined },
    async ({ session, stop }) => {
      const checked = await checkDatabase(session, { ...target, stop });
      const seconds = Math.round(performance.now() - started) / 1000;
      await last?.(session, target, checked.revision);
      return { target, checked, server: session.server, dialect: session.dialect.name, seconds };
    },
    { untouched: true },
  );
}

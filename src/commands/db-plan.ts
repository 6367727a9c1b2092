import { Command } from 'commander';
import { withSession } from '../core/connection.js';
import { makePlan, type Plan } from '../core/plan.js';
import { loadReleases } from '../core/releases.js';
import { loadChain } from '../core/revisions.js';
import type { Stop } from '../core/stop.js';
import { resolveTarget } from '../core/target.js';
import { blockedError } from '../errors.js';
import { printPlan } from '../render/plan.js';
import { reporterFor } from '../render/upgrade.js';
import { type AgreeingOptions, agreement, serverOf, withAgreeing, withMlflowVersion } from './agreeing.js';
import {
  type ConnectingOptions,
  openToRead,
  uriArgument,
  uriOf,
  withConnecting,
  withOnline,
} from './connecting.js';

/** What a plan can be asked for. */
export interface PlanOptions extends ConnectingOptions, AgreeingOptions {
  to?: string;
}

const examples = `
Examples:
  mltrack db plan sqlite:///mlflow.db
  mltrack db plan postgresql://mlflow@db.example/mlflow --to 3.1 --json
  mltrack db plan sqlite:///mlflow.db --mlflow-version 3.16

Exit codes: 0 the upgrade would succeed, 2 usage, 5 not MLflow's or too new, 9 cannot connect,
  10 something stands in its way. All: docs/exit-codes.md`;

/** `mltrack db plan [db_uri]`: what `db upgrade` would do; the same as `db upgrade --dry-run`. */
export function planCommand(stop: Stop): Command {
  const command = new Command('plan')
    .argument(...uriArgument)
    .option('--to <target>', 'a revision or its beginning, an MLflow version such as 2.9, or +N', undefined)
    .option('--json', 'print the plan as one JSON event');
  return withOnline(withConnecting(withMlflowVersion(withAgreeing(command))))
    .addHelpText('after', examples)
    .action((text: string | undefined, options: PlanOptions) => planOf(text, options, stop));
}

/** Makes and prints the plan. @throws exit 10, after the plan is printed, when something stands in the way */
export async function planOf(text: string | undefined, options: PlanOptions, stop: Stop): Promise<void> {
  const uri = await uriOf(text, options, stop);
  resolveTarget(options.to, 0, await loadChain(), await loadReleases());
  const server = await serverOf(options);
  const { yes, confirm } = agreement(options, uri, stop);
  // Only what it waits for is told while it works; standard output is the plan's.
  const reporter = await reporterFor({ quiet: true });
  const { session } = await openToRead(uri, options, stop, reporter.listen);
  const plan = await withSession(session, () =>
    makePlan(session, {
      ...(options.to === undefined ? {} : { to: options.to }),
      ...{ yes, confirm, stop, listen: reporter.listen },
      ...(server ? { server } : {}),
    }),
  );
  printPlan(plan, options);
  if (plan.exitCode !== 0) throw refusal(plan);
}

const refusal = ({ database, reasons }: Plan): Error =>
  blockedError(
    `${database} cannot be upgraded as it stands, for ${reasons.length === 1 ? 'the reason' : `the ${reasons.length} reasons`} above`,
    'nothing was changed',
  );

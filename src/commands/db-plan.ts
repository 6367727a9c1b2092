import { Command } from 'commander';
import { plan as makePlan } from '../api/plan.js';
import type { Plan } from '../core/plan.js';
import type { DatabaseFacts } from '../core/report-facts.js';
import type { Stop } from '../core/stop.js';
import { blockedError } from '../errors.js';
import { exit, withTexts } from '../render/help-texts.js';
import { printPlan } from '../render/plan.js';
import { printSummary } from '../render/summary.js';
import { reporterFor } from '../render/upgrade.js';
import {
  type AgreeingOptions,
  agreement,
  serverOptions,
  withAgreeing,
  withMlflowVersion,
} from './agreeing.js';
import {
  type ConnectingOptions,
  connectionOf,
  uriArgument,
  uriOf,
  withConnecting,
  withOnline,
} from './connecting.js';
import { nextLine } from './next.js';
import { reportingOf, reportOption } from './reporting.js';

/** What a plan can be asked for. */
export interface PlanOptions extends ConnectingOptions, AgreeingOptions {
  to?: string;
  report?: string;
}

const texts = {
  examples: [
    'mltrack db plan sqlite:///mlflow.db',
    'mltrack db plan postgresql://mlflow@db.example/mlflow --to 3.1 --json',
    'mltrack db plan sqlite:///mlflow.db --mlflow-version 3.16',
    'mltrack db plan sqlite:///mlflow.db --report plan.html',
  ],
  exits: [
    ['0', 'the upgrade would succeed'],
    exit.usage,
    exit.ahead,
    exit.unreachable,
    ['10', 'something stands in its way'],
  ],
  docs: ['docs/plan.md', 'docs/report.md'],
} as const;

/** `mltrack db plan [db_uri]`: what `db upgrade` would do; the same as `db upgrade --dry-run`. */
export function planCommand(stop: Stop): Command {
  const command = new Command('plan')
    .argument(...uriArgument)
    .option('--to <target>', 'a revision, an MLflow version such as 2.9, +N')
    .option('--json', 'print the plan as one JSON event')
    .option(...reportOption);
  return withTexts(withOnline(withConnecting(withMlflowVersion(withAgreeing(command)))), texts).action(
    (text: string | undefined, options: PlanOptions) => planOf(text, options, stop),
  );
}

/** Makes and prints the plan. @throws exit 10, after the plan is printed, when something stands in the way */
export async function planOf(text: string | undefined, options: PlanOptions, stop: Stop): Promise<void> {
  const report = await reportingOf(options.report, { silent: options.json ?? false });
  const uri = await uriOf(text, options, stop);
  const { yes, confirm } = agreement(options, uri, stop);
  // Only what it waits for is told while it works; standard output is the plan's.
  const reporter = await reporterFor({ quiet: true });
  let known: DatabaseFacts | null = null;
  const asked = {
    ...{ ...connectionOf(options, stop), ...serverOptions(options) },
    ...{ to: options.to, yes, confirm, listen: reporter.listen },
  };
  const plan = await makePlan(uri, asked, async (session, made) => {
    known = report && (await report.facts(session, { from: made.from.revision, to: made.to.revision }));
  });
  printPlan(plan, options);
  if (report && known) await report.write((await import('../render/html/plan.js')).planPage(plan, known));
  if (plan.exitCode !== 0) throw refusal(plan);
  printSummary({ did: 'worked out, and nothing was changed', next: nextOf(text, plan, options) }, options);
}

/** Of what must be agreed to each key: whoever runs it has read the plan. */
function nextOf(text: string | undefined, { creates, steps, questions }: Plan, options: PlanOptions) {
  if (steps.length === 0)
    return [{ why: 'to see that the schema is whole', line: nextLine('db check', text, options) }];
  const keys = questions.map(({ key }) => key);
  const confirm = keys.length > 0 ? { confirm: [keys.join(',')] } : {};
  const line = nextLine(
    'db upgrade',
    text,
    { ...options, confirm: undefined, ...confirm },
    { keep: ['to', 'mlflowVersion', 'online', 'onlineFrom', 'backup', 'requireBackup', 'confirm'] },
  );
  return [
    ...(creates ? [] : [{ why: 'to back it up first', line: nextLine('backup-hint', text, options) }]),
    { why: 'to do it', line },
  ];
}

const refusal = ({ database, reasons }: Plan): Error =>
  blockedError(
    `${database} cannot be upgraded as it stands, for ${reasons.length === 1 ? 'the reason' : `the ${reasons.length} reasons`} above`,
    'nothing was changed',
  );

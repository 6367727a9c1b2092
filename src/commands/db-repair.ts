import { Command } from 'commander';
import { planOfRepair, repair } from '../core/check/repair.js';
import { leftIn, refuseLeft } from '../core/check/repair-left.js';
import { withSession } from '../core/connection.js';
import type { Stop } from '../core/stop.js';
import { exit, withTexts } from '../render/help-texts.js';
import { printRepaired, printRepairPlan } from '../render/repair.js';
import { printSummary } from '../render/summary.js';
import { reporterFor } from '../render/upgrade.js';
import { type AgreeingOptions, agreement, withAgreeing } from './agreeing.js';
import {
  durationsOf,
  type LockingOptions,
  openToChange,
  openToRead,
  uriArgument,
  uriOf,
  withLocking,
} from './connecting.js';
import { nextLine } from './next.js';

interface Options extends LockingOptions, AgreeingOptions {
  dryRun?: true;
  only?: string[];
  rows?: true;
}

const texts = {
  notes: [
    'It deletes no row and drops nothing of yours; what cannot be repaired without a loss is said and left.',
  ],
  examples: [
    'mltrack db repair sqlite:///mlflow.db --dry-run',
    'mltrack db repair postgresql://mlflow@db.example/mlflow --only index-missing',
    'mltrack db repair mysql://mlflow@db.example/mlflow --yes --json',
    'mltrack db repair --only foreign-key-missing:params --only column-default',
  ],
  exits: [
    ['0', 'nothing is left'],
    exit.usage,
    ['3', 'something is left'],
    exit.ahead,
    ['6', 'needs --yes or --confirm'],
    exit.locked,
    exit.unreachable,
    ['10', 'rights are missing and nothing was repaired'],
    exit.stopped,
  ],
  docs: ['docs/repair.md'],
} as const;

/** `mltrack db repair [db_uri]`. */
export function repairCommand(stop: Stop): Command {
  const command = new Command('repair')
    .argument(...uriArgument)
    .option('--dry-run', 'say what would be repaired and how, and change nothing')
    .option(
      '--only <finding>',
      'repair only this finding or this rule, as db check names them (repeatable)',
      (text: string, before: string[] | undefined) => [...(before ?? []), text],
    )
    .option('--rows', 'also look at the rows, as db check --rows does')
    .option('-q, --quiet', 'print nothing but warnings, errors and what is left')
    .option('--json', 'print one JSON event a line');
  return withTexts(withLocking(withAgreeing(command)), texts).action(
    (text: string | undefined, options: Options) => run(text, options, stop),
  );
}

async function run(text: string | undefined, options: Options, stop: Stop): Promise<void> {
  durationsOf(options);
  const uri = await uriOf(text, options, stop);
  const { only = [], rows = false } = options;
  const reporter = await reporterFor(options.dryRun ? { quiet: true } : options);
  const { listen } = reporter;
  const asked = { ...agreement(options, uri, stop), only, rows, stop, listen };
  if (options.dryRun) {
    const { session } = await openToRead(uri, options, stop, listen);
    await withSession(session, async () => {
      const plan = await planOfRepair(session, asked);
      printRepairPlan(plan, session, options);
      refuseLeft(leftIn(plan), plan.chosen.length);
      const line = nextLine('db repair', text, options, { keep: ['only', 'rows'] });
      const next = plan.chosen.length > 0 ? [{ why: 'to do it', line }] : [];
      printSummary({ did: 'worked out, and nothing was changed', next }, options);
    });
    return;
  }
  const started = Date.now();
  try {
    const { session, lockWaitMs } = await openToChange(uri, options, stop, listen);
    const result = await withSession(session, () => repair(session, { ...asked, lockWaitMs }));
    reporter.close();
    printRepaired({ ...result, seconds: Math.round((Date.now() - started) / 10) / 100 }, options);
    refuseLeft(result.left, result.repaired.length);
    const line = nextLine('db check', text, options, { keep: ['rows'] });
    printSummary({ next: [{ why: 'to see that the schema is whole', line }] }, options);
  } finally {
    reporter.close();
  }
}

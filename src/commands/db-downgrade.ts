import { Command } from 'commander';
import { withSession } from '../core/connection.js';
import { downgrade, planDowngrade, refuseLosses } from '../core/downgrade.js';
import { loadReleases } from '../core/releases.js';
import { loadChain } from '../core/revisions.js';
import type { Stop } from '../core/stop.js';
import { resolveBack } from '../core/target-back.js';
import { usageError } from '../errors.js';
import { printDowngraded, printDowngradePlan, undoing } from '../render/downgrade.js';
import { exit, withTexts } from '../render/help-texts.js';
import { printSummary } from '../render/summary.js';
import { reporterFor } from '../render/upgrade.js';
import { warningsOnly } from '../render/warnings.js';
import { type AgreeingOptions, agreement } from './agreeing.js';
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
  to?: string;
  dryRun?: true;
}

const texts = {
  examples: [
    'mltrack db downgrade sqlite:///mlflow.db --to 3.16 --dry-run',
    'mltrack db downgrade postgresql://mlflow@db.example/mlflow --to 3.16 --yes',
    'mltrack db downgrade sqlite:///mlflow.db --to=-1',
  ],
  exits: [
    exit.done,
    exit.usage,
    exit.ahead,
    exit.confirmation,
    exit.locked,
    exit.unreachable,
    ['10', 'rows would be lost or a revision never goes down, nothing changed'],
    exit.stopped,
  ],
  docs: ['docs/downgrade.md'],
} as const;

/** `mltrack db downgrade [db_uri] --to …`. */
export function downgradeCommand(stop: Stop): Command {
  const command = new Command('downgrade')
    .argument(...uriArgument)
    .option('--to <target>', 'a revision, an MLflow version such as 3.16, -N')
    .option('--dry-run', 'say what would happen and what would be lost, and change nothing')
    .option('-y, --yes', 'agree to it (or MLTRACK_YES=1)')
    .option('-q, --quiet', 'print nothing but warnings and errors')
    .option('--json', 'print one JSON event a line');
  return withTexts(withLocking(command), texts).action((text: string | undefined, options: Options) =>
    run(text, options, stop),
  );
}

async function run(text: string | undefined, options: Options, stop: Stop): Promise<void> {
  const { to } = options;
  if (to === undefined)
    throw usageError(
      '--to is missing: where shall it go back to?',
      'example: mltrack db downgrade --to 3.16',
    );
  durationsOf(options);
  const uri = await uriOf(text, options, stop);
  // A target that no database could have is refused before one is opened.
  const [chain, releases] = await Promise.all([loadChain(), loadReleases()]);
  if (!/^-\d+$/.test(to.trim())) resolveBack(to, chain.revisions.length - 1, chain, releases);
  if (options.dryRun) {
    const { session } = await openToRead(uri, options, stop, warningsOnly);
    const plan = await withSession(session, async () => {
      await session.beginReadOnly();
      return planDowngrade(session, { to, stop, listen: () => undefined });
    });
    printDowngradePlan(plan, options);
    refuseLosses(plan);
    const line = nextLine('db downgrade', text, options, { keep: ['to'] });
    const next = [plan.downs.length > 0 ? { why: 'to do it', line } : null];
    printSummary({ did: 'worked out, and nothing was changed', next }, options);
    return;
  }
  const started = Date.now();
  const reporter = await reporterFor(options);
  try {
    const listen = undoing(reporter.listen);
    const { session } = await openToChange(uri, options, stop, listen);
    const result = await withSession(session, () =>
      downgrade(session, { to, ...agreement(options, uri, stop), stop, listen }),
    );
    reporter.close();
    printDowngraded({ ...result, seconds: Math.round((Date.now() - started) / 10) / 100 }, options);
    const line = nextLine('db check', text, options);
    printSummary({ next: [{ why: 'to see that the schema is whole', line }] }, options);
  } finally {
    reporter.close();
  }
}

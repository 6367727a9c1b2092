import { Command } from 'commander';
import { upgrade } from '../api/upgrade.js';
import type { Stop } from '../core/stop.js';
import { confirmationError, usageError } from '../errors.js';
import { exit, group, withTexts } from '../render/help-texts.js';
import { printSummary } from '../render/summary.js';
import { reporterFor } from '../render/upgrade.js';
import {
  type AgreeingOptions,
  agreement,
  isSet,
  serverOptions,
  withAgreeing,
  withMlflowVersion,
} from './agreeing.js';
import {
  changingOf,
  type LockingOptions,
  uriArgument,
  uriOf,
  withLocking,
  withOnline,
} from './connecting.js';
import { nextLine } from './next.js';
import { reportOption } from './reporting.js';

interface Options extends LockingOptions, AgreeingOptions {
  to?: string;
  dryRun?: true;
  backup?: string;
  requireBackup?: true;
  sql?: true;
  from?: string;
  prepopulate?: true;
  state?: string;
  batchSize?: string;
  report?: string;
}

const texts = {
  notes: [
    '--online-from goes with --online, --state and --batch-size with --prepopulate, --from with --sql. --to takes the beginning of a revision too.',
  ],
  examples: [
    'mltrack db upgrade sqlite:///mlflow.db --dry-run',
    'mltrack db upgrade sqlite:///mlflow.db --backup /backup/',
    'mltrack db upgrade postgresql://mlflow@db.example/mlflow --password-file /run/secrets/db',
    'mltrack db upgrade mysql://mlflow@db.example/mlflow --lock-timeout 5s',
    'mltrack db upgrade sqlite:///mlflow.db --sql > upgrade.sql',
    'mltrack db upgrade sqlite:///mlflow.db --prepopulate',
    'mltrack db upgrade --env-file prod.env --to 2.9 --json',
  ],
  exits: [
    exit.done,
    exit.usage,
    exit.ahead,
    ['6', 'needs --yes, --confirm or --backup'],
    exit.locked,
    exit.unreachable,
    ['10', 'cannot proceed, nothing changed'],
    exit.stopped,
  ],
  docs: ['docs/plan.md', 'docs/backup.md', 'docs/online.md', 'docs/prepopulate.md', 'docs/sql-script.md'],
} as const;

/** `mltrack db upgrade [db_uri]`. */
export function upgradeCommand(stop: Stop): Command {
  const command = withAgreeing(
    new Command('upgrade')
      .argument(...uriArgument)
      .option('--to <target>', 'a revision, an MLflow version such as 2.9, +N')
      .option('--dry-run', 'change nothing, print the plan')
      .option(...reportOption)
      .option('--backup <place>', 'first take a backup here, and check it'),
  )
    .option('-q, --quiet', 'print nothing but warnings and errors')
    .option('--json', 'print one JSON event a line')
    .optionsGroup(group.before)
    .option('--require-backup', 'refuse to begin without --backup (or MLTRACK_REQUIRE_BACKUP=1)');
  withOnline(withLocking(withMlflowVersion(command, group.before)))
    .optionsGroup(group.ahead)
    .option('--prepopulate', 'fill the columns of 75868b020152; no upgrade')
    .option('--state <file>', 'keep here how far it is, and go on from there')
    .option('--batch-size <rows>', 'rows a transaction at most (default: 1000)')
    .optionsGroup(group.script)
    .option('--sql', "print it for the database's own client")
    .option('--from <revision>', 'from this revision, without a connection');
  return withTexts(command, texts).action((text: string | undefined, options: Options) =>
    run(text, options, stop, command),
  );
}

async function run(text: string | undefined, options: Options, stop: Stop, command: Command): Promise<void> {
  if (options.report !== undefined && !(options.dryRun && !options.prepopulate && !options.sql))
    throw usageError('--report goes with --dry-run only', 'example: mltrack db plan --report plan.html');
  if (options.prepopulate)
    return (await import('./db-prepopulate.js')).prepopulateOf(text, options, stop, (name) =>
      command.getOptionValueSource(name),
    );
  for (const name of ['state', 'batchSize'] as const)
    if (options[name] !== undefined)
      throw usageError(
        `--${name === 'state' ? name : 'batch-size'} goes with --prepopulate only`,
        'an upgrade itself keeps no state file',
      );
  if (options.sql) return (await import('./db-script.js')).scriptOf(text, options, stop);
  if (options.from !== undefined)
    throw usageError('--from goes with --sql only', 'an upgrade begins where the database stands');
  if (options.dryRun) return (await import('./db-plan.js')).planOf(text, options, stop);
  if ((options.requireBackup ?? isSet('MLTRACK_REQUIRE_BACKUP')) && options.backup === undefined)
    throw confirmationError(
      'a backup is required and none is asked for',
      'say where: --backup DIRECTORY; or take one by hand (mltrack backup-hint) and leave --require-backup out',
      'nothing was changed',
    );
  const connection = changingOf(options, stop);
  const uri = await uriOf(text, options, stop);
  const { ask, ...agreed } = agreement(options, uri, stop);
  const reporter = await reporterFor(options);
  try {
    await upgrade(uri, {
      ...connection,
      ...serverOptions(options),
      ...{ ...agreed, agree: ask, to: options.to, backup: options.backup, listen: reporter.listen },
      // Where nobody reads how far it is, nobody is asked.
      progress: !options.quiet,
    });
    reporter.close();
    printSummary(
      {
        next: [
          { why: 'to see that the schema is whole', line: nextLine('db check', text, options) },
          { why: 'then start the MLflow server again', line: null },
        ],
      },
      options,
    );
  } finally {
    reporter.close();
  }
}

import { Command } from 'commander';
import type { BackupRecord } from '../core/backup.js';
import { connectTo, withSession } from '../core/connection.js';
import { loadNames } from '../core/names.js';
import { loadReleases } from '../core/releases.js';
import type { Stop } from '../core/stop.js';
import { resolveTarget } from '../core/target.js';
import { upgrade } from '../core/upgrade.js';
import type { Session } from '../dialects/dialect.js';
import type { DatabaseUri } from '../dialects/index.js';
import { confirmationError, MltrackError, usageError } from '../errors.js';
import { reporterFor } from '../render/upgrade.js';
import {
  type AgreeingOptions,
  agreement,
  isSet,
  serverOf,
  withAgreeing,
  withMlflowVersion,
} from './agreeing.js';
import {
  durationsOf,
  type LockingOptions,
  openToChange,
  uriArgument,
  uriOf,
  withLocking,
  withOnline,
} from './connecting.js';

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
}

const examples = `
Examples:
  mltrack db upgrade sqlite:///mlflow.db
  mltrack db upgrade sqlite:///mlflow.db --dry-run
  mltrack db upgrade sqlite:///mlflow.db --sql > upgrade.sql
  mltrack db upgrade postgresql://mlflow@db.example/mlflow --password-file /run/secrets/db
  mltrack db upgrade mysql://mlflow@db.example/mlflow --lock-timeout 5s
  mltrack db upgrade sqlite:///mlflow.db --prepopulate    (ahead of it, the server runs on)
  mltrack db upgrade --to 2.9 --json          (the URI from MLFLOW_BACKEND_STORE_URI)

Exit codes: 0 done, 2 usage, 5 not MLflow's or too new, 6 needs --yes or --confirm, 7 locked,
  9 cannot connect, 10 cannot proceed, nothing changed, 130/143 stopped by a signal.
  All: docs/exit-codes.md`;

/** `mltrack db upgrade [db_uri]`. */
export function upgradeCommand(stop: Stop): Command {
  const command = new Command('upgrade')
    .argument(...uriArgument)
    .option('--to <target>', 'a revision or its beginning, an MLflow version such as 2.9, or +N', undefined)
    .option('--dry-run', 'say what would happen and change nothing, as mltrack db plan does')
    .option('--backup <place>', 'first take a backup into this directory or file, and check it')
    .option('--require-backup', 'refuse to upgrade without --backup (or MLTRACK_REQUIRE_BACKUP=1)')
    .option('--sql', "print the upgrade as a script for the database's own client, and change nothing")
    .option('--from <revision>', 'with --sql: from this revision, without a connection')
    .option('--prepopulate', 'fill the new columns of 75868b020152 while the old server runs; no upgrade yet')
    .option('--state <file>', 'with --prepopulate: keep here how far it is, and go on from there')
    .option('--batch-size <rows>', 'with --prepopulate: look at so many rows a transaction at most (1000)')
    .option('-q, --quiet', 'print nothing but warnings and errors')
    .option('--json', 'print one JSON event a line');
  return withOnline(withLocking(withMlflowVersion(withAgreeing(command))))
    .addHelpText('after', examples)
    .action((text: string | undefined, options: Options) => run(text, options, stop, command));
}

async function run(text: string | undefined, options: Options, stop: Stop, command: Command): Promise<void> {
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
  durationsOf(options);
  const uri = await uriOf(text, options, stop);
  // A target that no database could have is refused before one is opened, or an SQLite file made.
  resolveTarget(options.to, 0, await loadNames(), await loadReleases());
  const server = await serverOf(options);
  const reporter = await reporterFor(options);
  let record: BackupRecord | undefined;
  const beforeChange = async (session: Session): Promise<void> => {
    // An upgrade that steps back and begins again has its backup.
    if (options.backup === undefined || record) return;
    record = await (await import('../core/backup.js')).takeBackup(session, uri, options.backup, stop);
    reporter.listen({ event: 'backup', ...record });
  };
  try {
    const { session, lockWaitMs } = await openToChange(uri, options, stop, reporter.listen);
    await withSession(session, async () => {
      await upgrade(session, {
        ...(options.to === undefined ? {} : { to: options.to }),
        ...agreement(options, uri, stop),
        ...(server ? { server } : {}),
        // Where nobody reads how far it is, nobody is asked.
        ...(options.quiet ? {} : { watch: () => watching(session, uri, stop) }),
        beforeChange,
        lockWaitMs,
        stop,
        listen: reporter.listen,
      });
    });
  } catch (error) {
    if (!record) throw error;
    const hints = (await import('../core/backup.js')).restoreHints(record);
    if (error instanceof MltrackError) throw withRestore(error, hints);
    reporter.listen({ event: 'warning', message: hints.join('\n') });
    throw error;
  } finally {
    reporter.close();
  }
}

/** A second connection beside the upgrade's, which only reads; nothing is said while it waits, and it does not wait long. */
const watching = (session: Session, uri: DatabaseUri, stop: Stop): Promise<Session> =>
  connectTo(session.dialect, uri, {
    lockWaitMs: 0,
    waitMs: 0,
    readOnly: true,
    stop,
    listen: () => undefined,
  });

/** An upgrade failed after its backup was taken: the error says how to bring it back. */
const withRestore = (error: MltrackError, restore: readonly string[]): MltrackError =>
  new MltrackError(error.exitCode, error.message, {
    cause: error.cause,
    hints: [...error.hints, ...restore],
  });

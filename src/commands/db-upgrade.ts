import { Command } from 'commander';
import { connectTo, databaseUri, withSession } from '../core/connection.js';
import { parseDuration } from '../core/duration.js';
import { loadReleases } from '../core/releases.js';
import { loadChain } from '../core/revisions.js';
import type { Stop } from '../core/stop.js';
import { resolveTarget } from '../core/target.js';
import { upgrade } from '../core/upgrade.js';
import { loadDialect } from '../dialects/index.js';
import { reporterFor } from '../render/upgrade.js';

interface Options {
  to?: string;
  yes?: true;
  quiet?: true;
  json?: true;
  wait: string;
  lockWait: string;
  lockTimeout: string;
  statementTimeout?: string;
  passwordFile?: string;
  passwordStdin?: true;
}

const examples = `
Examples:
  mltrack db upgrade sqlite:///mlflow.db
  mltrack db upgrade postgresql://mlflow@db.example/mlflow --password-file /run/secrets/db
  mltrack db upgrade mysql://mlflow@db.example/mlflow --lock-timeout 5s
  mltrack db upgrade --to 2.9 --json          (the URI from MLFLOW_BACKEND_STORE_URI)

Exit codes: 0 done, 2 usage, 5 not MLflow's or too new, 6 needs --yes, 7 locked, 9 cannot connect,
  10 cannot proceed, nothing changed, 130/143 stopped by a signal. All: docs/exit-codes.md`;

/** `mltrack db upgrade [db_uri]`. */
export function upgradeCommand(stop: Stop): Command {
  return new Command('upgrade')
    .description('bring a database to the schema of MLflow 3.18')
    .argument('[db_uri]', 'SQLAlchemy URI (default: MLFLOW_BACKEND_STORE_URI, then MLFLOW_TRACKING_URI)')
    .option('--to <target>', 'a revision or its beginning, an MLflow version such as 2.9, or +N', undefined)
    .option('-y, --yes', 'answer questions with yes')
    .option('-q, --quiet', 'print nothing but warnings and errors')
    .option('--json', 'print one JSON event a line')
    .option('--wait <duration>', 'keep trying to connect for so long', '0s')
    .option('--lock-wait <duration>', 'wait so long for another runner or writer', '10m')
    .option('--lock-timeout <duration>', 'let one statement wait so long for a lock, then step back', '10s')
    .option('--statement-timeout <duration>', 'end the upgrade when one statement runs so long')
    .option('--password-file <file>', 'read the password from the first line of a file')
    .option('--password-stdin', 'read the password from the first line of standard input')
    .addHelpText('after', examples)
    .action((text: string | undefined, options: Options) => run(text, options, stop));
}

async function run(text: string | undefined, options: Options, stop: Stop): Promise<void> {
  const waitMs = parseDuration(options.wait, '--wait');
  const lockWaitMs = parseDuration(options.lockWait, '--lock-wait');
  const lockTimeoutMs = parseDuration(options.lockTimeout, '--lock-timeout');
  const statementTimeoutMs =
    options.statementTimeout === undefined
      ? undefined
      : parseDuration(options.statementTimeout, '--statement-timeout');
  const uri = await databaseUri(text, process.env, options, stop);
  // A target that no database could have is refused before one is opened, or an SQLite file made.
  resolveTarget(options.to, 0, await loadChain(), await loadReleases());
  const dialect = await loadDialect(uri.dialect);
  const reporter = reporterFor(options);
  try {
    const session = await connectTo(dialect, uri, {
      lockWaitMs,
      waitMs,
      lockTimeoutMs,
      ...(statementTimeoutMs === undefined ? {} : { statementTimeoutMs }),
      stop,
      listen: reporter.listen,
    });
    await withSession(session, async () => {
      await upgrade(session, {
        ...(options.to === undefined ? {} : { to: options.to }),
        yes: options.yes ?? false,
        lockWaitMs,
        stop,
        listen: reporter.listen,
      });
    });
  } finally {
    reporter.close();
  }
}

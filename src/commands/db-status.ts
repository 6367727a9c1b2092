import { Command } from 'commander';
import { withSession } from '../core/connection.js';
import { readStatus } from '../core/status.js';
import type { Stop } from '../core/stop.js';
import { ExitCode, MltrackError } from '../errors.js';
import { printStatus } from '../render/status.js';
import { warningsOnly } from '../render/warnings.js';
import { serverOf, withMlflowVersion } from './agreeing.js';
import { type ConnectingOptions, openToRead, uriArgument, uriOf, withConnecting } from './connecting.js';

interface Options extends ConnectingOptions {
  mlflowVersion?: string;
  allTables?: true;
  json?: true;
}

const examples = `
Reads only, in autocommit; what each part means: docs/status.md

Examples:
  mltrack db status sqlite:///mlflow.db
  mltrack db status postgresql://mlflow@db.example/mlflow --mlflow-version 3.16 --json

Exit codes: 0 it starts (or nobody asked), 2 usage, 4 the database is behind that MLflow,
  5 it is ahead of it, or not MLflow's, 9 cannot connect. All: docs/exit-codes.md`;

/** `mltrack db status [db_uri]`. */
export function statusCommand(stop: Stop): Command {
  const command = new Command('status')
    .argument(...uriArgument)
    .option('--all-tables', 'list all tables (default: the ten biggest)')
    .option('--json', 'print one JSON event');
  return withConnecting(withMlflowVersion(command))
    .addHelpText('after', examples)
    .action((text: string | undefined, options: Options) => run(text, options, stop));
}

async function run(text: string | undefined, options: Options, stop: Stop): Promise<void> {
  const uri = await uriOf(text, options, stop);
  const server = await serverOf(options);
  const { session } = await openToRead(uri, options, stop, warningsOnly, {
    untouched: true,
  });
  const status = await withSession(session, () => readStatus(session, server));
  printStatus(status, options);
  const { mlflow } = status;
  // Whoever names a version asks; the MLflow nearby is only told about.
  if (!mlflow || !options.mlflowVersion || mlflow.relation === 'accepts') return;
  throw new MltrackError(mlflow.relation === 'ahead' ? ExitCode.ahead : ExitCode.behind, mlflow.sentence, {
    hints: mlflow.todo ? [mlflow.todo] : [],
  });
}

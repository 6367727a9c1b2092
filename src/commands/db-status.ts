import { Command } from 'commander';
import { status as readStatus } from '../api/status.js';
import type { Stop } from '../core/stop.js';
import { ExitCode, MltrackError } from '../errors.js';
import { exit, withTexts } from '../render/help-texts.js';
import { printStatus } from '../render/status.js';
import { printSummary } from '../render/summary.js';
import { warningsOnly } from '../render/warnings.js';
import { serverOptions, withMlflowVersion } from './agreeing.js';
import { type ConnectingOptions, connectionOf, uriArgument, uriOf, withConnecting } from './connecting.js';
import { nextLine } from './next.js';

interface Options extends ConnectingOptions {
  mlflowVersion?: string;
  allTables?: true;
  json?: true;
}

const texts = {
  notes: ['Reads only, in autocommit.'],
  examples: [
    'mltrack db status sqlite:///mlflow.db',
    'mltrack db status postgresql://mlflow@db.example/mlflow --mlflow-version 3.16 --json',
  ],
  exits: [
    ['0', 'it starts (or nobody asked)'],
    exit.usage,
    ['4', 'the database is behind that MLflow'],
    ['5', "it is ahead of it, or not MLflow's"],
    exit.unreachable,
  ],
  docs: ['docs/status.md'],
} as const;

/** `mltrack db status [db_uri]`. */
export function statusCommand(stop: Stop): Command {
  const command = new Command('status')
    .argument(...uriArgument)
    .option('--all-tables', 'list all tables (default: the ten biggest)')
    .option('--json', 'print one JSON event');
  return withTexts(withConnecting(withMlflowVersion(command)), texts).action(
    (text: string | undefined, options: Options) => run(text, options, stop),
  );
}

async function run(text: string | undefined, options: Options, stop: Stop): Promise<void> {
  const uri = await uriOf(text, options, stop);
  const connection = connectionOf(options, stop);
  const status = await readStatus(uri, { ...connection, ...serverOptions(options), listen: warningsOnly });
  printStatus(status, options);
  const { mlflow, behind } = status;
  const next =
    behind > 0
      ? {
          why: 'to see what an upgrade does',
          line: nextLine('db plan', text, options, { keep: ['mlflowVersion'] }),
        }
      : { why: 'to see that the schema is whole', line: nextLine('db check', text, options) };
  printSummary({ did: 'looked at, and nothing was changed', next: [next] }, options);
  // Whoever names a version asks; the MLflow nearby is only told about.
  if (!mlflow || !options.mlflowVersion || mlflow.relation === 'accepts') return;
  throw new MltrackError(mlflow.relation === 'ahead' ? ExitCode.ahead : ExitCode.behind, mlflow.sentence, {
    hints: mlflow.todo ? [mlflow.todo] : [],
  });
}

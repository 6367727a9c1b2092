import { Command, Option } from 'commander';
import { backupHint } from '../core/backup-hint.js';
import { withSession } from '../core/connection.js';
import type { Stop } from '../core/stop.js';
import { printHint } from '../render/backup-hint.js';
import { warningsOnly } from '../render/warnings.js';
import { type ConnectingOptions, openToRead, uriArgument, uriOf, withConnecting } from './connecting.js';

interface Options extends ConnectingOptions {
  file?: string;
  format: 'text' | 'sh' | 'json';
  json?: true;
}

const examples = `
Examples:
  mltrack backup-hint sqlite:///mlflow.db
  mltrack backup-hint postgresql://mlflow@db.example/mlflow --file /backup/mlflow.dump
  mltrack backup-hint mysql://mlflow@db.example/mlflow --format sh > backup.sh

Exit codes: 0 done, 2 usage, 5 not MLflow's or too new, 9 cannot connect. All: docs/exit-codes.md`;

/** `mltrack backup-hint [db_uri]`. */
export function backupHintCommand(stop: Stop): Command {
  const command = new Command('backup-hint')
    .argument(...uriArgument)
    .option(
      '--file <file>',
      'where the backup shall be (default: named after database, revision and time, here)',
    )
    .addOption(
      new Option('--format <format>', 'how to print it').choices(['text', 'sh', 'json']).default('text'),
    )
    .option('--json', 'the same as --format json');
  return withConnecting(command)
    .addHelpText('after', examples)
    .action((text: string | undefined, options: Options) => run(text, options, stop));
}

async function run(text: string | undefined, options: Options, stop: Stop): Promise<void> {
  const uri = await uriOf(text, options, stop);
  const { session } = await openToRead(uri, options, stop, warningsOnly);
  const hint = await withSession(session, () => backupHint(session, uri, options.file));
  printHint(hint, options.json ? 'json' : options.format);
}

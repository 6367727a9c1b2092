import { Command, Option } from 'commander';
import { backupHint } from '../core/backup-hint.js';
import { withSession } from '../core/connection.js';
import type { Stop } from '../core/stop.js';
import { printHint } from '../render/backup-hint.js';
import { exit, withTexts } from '../render/help-texts.js';
import { printSummary } from '../render/summary.js';
import { warningsOnly } from '../render/warnings.js';
import { type ConnectingOptions, openToRead, uriArgument, uriOf, withConnecting } from './connecting.js';
import { nextLine } from './next.js';

interface Options extends ConnectingOptions {
  file?: string;
  format: 'text' | 'sh' | 'json';
  json?: true;
}

const texts = {
  examples: [
    'mltrack backup-hint sqlite:///mlflow.db',
    'mltrack backup-hint postgresql://mlflow@db.example/mlflow --file /backup/mlflow.dump',
    'mltrack backup-hint mysql://mlflow@db.example/mlflow --format sh > backup.sh',
  ],
  exits: [exit.done, exit.usage, exit.ahead, exit.unreachable],
  docs: ['docs/backup.md'],
} as const;

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
  return withTexts(withConnecting(command), texts).action((text: string | undefined, options: Options) =>
    run(text, options, stop),
  );
}

async function run(text: string | undefined, options: Options, stop: Stop): Promise<void> {
  const uri = await uriOf(text, options, stop);
  const { session } = await openToRead(uri, options, stop, warningsOnly);
  const hint = await withSession(session, () => backupHint(session, uri, options.file));
  printHint(hint, options.json ? 'json' : options.format);
  const line = nextLine('db plan', text, options);
  printSummary(
    {
      did: 'looked at, and nothing was backed up',
      next: [{ why: 'with a backup, to see what an upgrade does', line }],
    },
    options,
  );
}

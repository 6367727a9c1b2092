import { Command } from 'commander';
import { readHistory } from '../core/history.js';
import type { Stop } from '../core/stop.js';
import { printHistory } from '../render/history.js';

/** `mltrack db history`: every revision, which are irreversible, and which go down. */
export function historyCommand(_stop: Stop): Command {
  return new Command('history')
    .description('list the revisions of MLflow: release, title, irreversible or not, goes down or not')
    .option('--json', 'print one JSON event')
    .addHelpText('after', '\nNeeds no database. What "goes down" means: docs/downgrade.md')
    .action(async (options: { json?: true }) => printHistory(await readHistory(), options));
}

import { Command } from 'commander';
import { withSession } from '../core/connection.js';
import { readHistory, readStanding } from '../core/history.js';
import type { Stop } from '../core/stop.js';
import { printHistory } from '../render/history.js';
import { warningsOnly } from '../render/warnings.js';
import { type ConnectingOptions, openToRead, uriOf, withConnecting } from './connecting.js';

interface Options extends ConnectingOptions {
  json?: true;
}

const notes = `
Needs no database. With the URI of one it says where that one stands. What "goes down" means: docs/downgrade.md;
"long on": docs/status.md

Examples:
  mltrack db history
  mltrack db history sqlite:///mlflow.db --json`;

/** `mltrack db history [db_uri]`: every revision, which are irreversible, which take long, and which go down. */
export function historyCommand(stop: Stop): Command {
  const command = new Command('history')
    .argument('[db_uri]', 'say where this database stands among them (default: none)')
    .option('--json', 'print one JSON event');
  return withConnecting(command)
    .addHelpText('after', notes)
    .action(async (text: string | undefined, options: Options) =>
      printHistory(await readHistory(), text ? await standingOf(text, options, stop) : null, options),
    );
}

async function standingOf(text: string, options: Options, stop: Stop) {
  const uri = await uriOf(text, options, stop);
  const { session } = await openToRead(uri, options, stop, warningsOnly, {
    untouched: true,
  });
  return withSession(session, () => readStanding(session));
}

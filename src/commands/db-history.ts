import { Command } from 'commander';
import { withSession } from '../core/connection.js';
import { readHistory, readStanding } from '../core/history.js';
import type { Stop } from '../core/stop.js';
import { exit, withTexts } from '../render/help-texts.js';
import { printHistory } from '../render/history.js';
import { printSummary } from '../render/summary.js';
import { warningsOnly } from '../render/warnings.js';
import { type ConnectingOptions, openToRead, uriOf, withConnecting } from './connecting.js';
import { nextLine } from './next.js';

interface Options extends ConnectingOptions {
  json?: true;
}

const texts = {
  notes: [
    'Needs no database; with the URI of one it says where that one stands. "Goes down" is about mltrack db downgrade, "long on" about the servers where a revision takes long.',
  ],
  examples: ['mltrack db history', 'mltrack db history sqlite:///mlflow.db --json'],
  exits: [exit.done, exit.usage, exit.ahead, exit.unreachable],
  docs: ['docs/status.md', 'docs/downgrade.md'],
} as const;

/** `mltrack db history [db_uri]`: every revision, which are irreversible, which take long, and which go down. */
export function historyCommand(stop: Stop): Command {
  const command = new Command('history')
    .argument('[db_uri]', 'say where this database stands among them (default: none)')
    .option('--json', 'print one JSON event');
  return withTexts(withConnecting(command), texts).action((text: string | undefined, options: Options) =>
    run(text, options, stop),
  );
}

async function run(text: string | undefined, options: Options, stop: Stop): Promise<void> {
  const standing = text ? await standingOf(text, options, stop) : null;
  printHistory(await readHistory(), standing, options);
  const line = nextLine('db plan', text, options);
  const next = standing && standing.pending > 0 ? [{ why: 'to see what an upgrade does', line }] : [];
  if (standing) printSummary({ did: 'looked at, and nothing was changed', next }, options);
}

async function standingOf(text: string, options: Options, stop: Stop) {
  const uri = await uriOf(text, options, stop);
  const { session } = await openToRead(uri, options, stop, warningsOnly, {
    untouched: true,
  });
  return withSession(session, () => readStanding(session));
}

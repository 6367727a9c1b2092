import { Command } from 'commander';
import { candidatesFor } from '../core/candidates.js';
import type { Stop } from '../core/stop.js';
import { printCandidates } from '../render/candidates.js';
import { positionIn } from './complete-position.js';

/**
 * `mltrack complete -- WORDS…`: what the word under the cursor, the last one, may become. Shells call it at each Tab;
 * it opens no database, and where it knows nothing it says nothing.
 */
export function completeCommand(
  _stop: Stop,
  treeFor: (words: readonly string[]) => Promise<Command>,
): Command {
  return new Command('complete').argument('[words...]').action(async (words: string[]) => {
    const position = await positionIn(words, treeFor);
    printCandidates(await candidatesFor(position));
  });
}

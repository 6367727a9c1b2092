import { ShellCompDirective } from '@bomb.sh/tab';
import type { Candidates } from '../core/candidates.js';

/** Prints candidates as the scripts of @bomb.sh/tab (and Cobra) read them: "value TAB text" lines, then ":directive". */
export function printCandidates({ candidates, files, open, ordered }: Candidates): void {
  const directive =
    (open ? ShellCompDirective.ShellCompDirectiveNoSpace : 0) +
    (files ? 0 : ShellCompDirective.ShellCompDirectiveNoFileComp) +
    (ordered ? ShellCompDirective.ShellCompDirectiveKeepOrder : 0);
  // zsh takes what stands behind a colon for the description.
  const escaped =
    process.env.MLTRACK_COMPLETE === 'zsh' ? (text: string) => text.replaceAll(':', '\\:') : String;
  const lines = candidates.map(({ value, says }) => (says ? `${escaped(value)}\t${says}` : escaped(value)));
  process.stdout.write(`${[...lines, `:${directive}`].join('\n')}\n`);
}

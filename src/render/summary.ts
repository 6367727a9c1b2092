import { chalkStderr as chalk } from 'chalk';
import { terminalSafe } from './safe.js';
import { withoutSecrets } from './secrets.js';
import { duration } from './units.js';

/** What may be done next. */
export interface Next {
  readonly why: string;
  /** A command line for a POSIX shell; null: it is no command. */
  readonly line: string | null;
}

export interface Summary {
  /** What was done, where the result does not end with it: "nothing was changed". */
  readonly did?: string;
  readonly next?: readonly (Next | null)[];
}

/**
 * How a command ends for people: what was done, how long it took since the start, and what may be done next. On
 * standard error, as the hints of an error are, so that the result alone can be redirected; nothing with --quiet or for
 * machines.
 */
export function printSummary(
  { did, next = [] }: Summary,
  options: { readonly json?: unknown; readonly quiet?: unknown; readonly format?: string },
): void {
  if (options.json || options.quiet || (options.format ?? 'text') !== 'text') return;
  const lines = did === undefined ? [] : [`${did}, in ${duration(performance.now() / 1000)}`];
  for (const one of next)
    if (one) lines.push(`  ${chalk.dim('→')} ${one.line === null ? one.why : `${one.why}: ${one.line}`}`);
  if (lines.length > 0)
    process.stderr.write(withoutSecrets(`${lines.map((one) => terminalSafe(one)).join('\n')}\n`));
}

import type { Listener } from '../core/events.js';
import { printEvent } from './json.js';
import { plainReporter } from './plain.js';

export interface Reporter {
  readonly listen: Listener;
  close(): void;
}

/**
 * Whether a line on standard error can be drawn anew: a terminal that is not dumb. A pseudo-terminal without a size
 * (docker -t, script) has 0 columns, and ora would clear lines without end.
 */
export const canRedraw = (): boolean =>
  process.stderr.isTTY === true && process.stderr.columns > 0 && process.env.TERM !== 'dumb';

/** One JSON event a line, for machines; a spinner and bar on a terminal; timestamped lines elsewhere. */
export async function reporterFor(options: { quiet?: true; json?: true }): Promise<Reporter> {
  if (options.json) return { listen: printEvent, close: () => undefined };
  if (options.quiet) return { listen: (await import('./warnings.js')).warningsOnly, close: () => undefined };
  if (!canRedraw()) return plainReporter();
  return (await import('./terminal.js')).terminalReporter();
}

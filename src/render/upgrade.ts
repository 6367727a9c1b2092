import type { Listener } from '../core/events.js';
import { plainReporter } from './plain.js';

export interface Reporter {
  readonly listen: Listener;
  close(): void;
}

/** One JSON event a line, for machines; a spinner and bar on a terminal; timestamped lines elsewhere. */
export async function reporterFor(options: { quiet?: true; json?: true }): Promise<Reporter> {
  if (options.json)
    return { listen: (event) => process.stdout.write(`${JSON.stringify(event)}\n`), close: () => undefined };
  if (options.quiet) return { listen: (await import('./warnings.js')).warningsOnly, close: () => undefined };
  // A pseudo-terminal without a size (docker -t, script) has 0 columns, and ora would clear lines without end.
  if (!process.stderr.isTTY || !(process.stderr.columns > 0)) return plainReporter();
  return (await import('./terminal.js')).terminalReporter();
}

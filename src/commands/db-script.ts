import { uriText, withSession } from '../core/connection.js';
import { liveScript, offlineScript, type ScriptOptions } from '../core/script.js';
import type { Stop } from '../core/stop.js';
import { offlineDialect } from '../dialects/index.js';
import { usageError } from '../errors.js';
import { printScript } from '../render/script.js';
import { reporterFor } from '../render/upgrade.js';
import { type ConnectingOptions, openToRead, uriOf } from './connecting.js';

/** What `db upgrade --sql` takes. */
export interface ScriptingOptions extends ConnectingOptions {
  to?: string;
  from?: string;
  json?: true;
  dryRun?: true;
}

/** Writes the script to standard output and what else is to say to standard error; changes nothing, never asks. */
export async function scriptOf(
  text: string | undefined,
  options: ScriptingOptions,
  stop: Stop,
): Promise<void> {
  if (options.json || options.dryRun)
    throw usageError(
      '--sql prints a script: it goes with neither --json nor --dry-run',
      'leave one of them out',
    );
  if (options.online)
    throw usageError(
      '--sql writes one transaction, and --online works in many and looks at what it finds',
      'leave one of them out',
    );
  const reporter = await reporterFor({ quiet: true });
  const scripting: ScriptOptions = {
    ...(options.to === undefined ? {} : { to: options.to }),
    ...{ stop, listen: reporter.listen },
  };
  if (options.from !== undefined) {
    await printScript(
      offlineScript(await offlineDialect(uriText(text, process.env)), options.from, scripting),
    );
    return;
  }
  const uri = await uriOf(text, options, stop);
  const { session } = await openToRead(uri, options, stop, reporter.listen);
  await withSession(session, () => printScript(liveScript(session, scripting)));
}

import type { UpgradeEvent } from '../core/events.js';
import { visible } from './check/visible.js';
import { canRedraw, type Reporter, reporterFor } from './upgrade.js';

/** A collection's progress: on a terminal one line that changes, elsewhere as for an upgrade. */
export async function gcReporterFor(options: { quiet?: true; json?: true }): Promise<Reporter> {
  const plain = await reporterFor(options);
  if (options.json || options.quiet || !canRedraw()) return plain;
  const { default: ora } = await import('ora');
  const spinner = ora({ stream: process.stderr, discardStdin: false });
  const listen = (event: UpgradeEvent): void => {
    if (event.event === 'progress') {
      spinner.text = `${Math.round(event.share * 100)} % ${visible(event.step)}`;
      if (!spinner.isSpinning) spinner.start();
      return;
    }
    if (spinner.isSpinning) spinner.stop();
    plain.listen(event);
  };
  const close = (): void => {
    if (spinner.isSpinning) spinner.stop();
    plain.close();
  };
  return { listen, close };
}

import { chalkStderr as chalk } from 'chalk';
import type { UpgradeEvent } from '../core/events.js';
import { visible } from './check/visible.js';

/** What commands that end with their own text say meanwhile. */
export function warningsOnly(event: UpgradeEvent): void {
  if (event.event === 'warning')
    process.stderr.write(`${chalk.yellow('warning:')} ${visible(event.message, '\n')}\n`);
}

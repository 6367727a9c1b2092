import { chalkStderr as chalk } from 'chalk';
import { MltrackError } from '../errors.js';
import { visible } from './check/visible.js';
import { withoutSecrets } from './secrets.js';

/** An error for people: what happened, then what to do. A stack only for what was not foreseen. */
export function renderError(error: unknown): string {
  if (error instanceof MltrackError) {
    const hints = error.hints.map((hint) => `  ${chalk.dim('→')} ${visible(hint, '\n')}\n`).join('');
    return withoutSecrets(`${chalk.red('error:')} ${visible(error.message, '\n')}\n${hints}`);
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `${chalk.red('unexpected error:')} ${visible(withoutSecrets(text), '\n')}\n  ${chalk.dim('→')} everything was rolled back; please report this\n`;
}

import chalk from 'chalk';
import { visible } from './check/visible.js';
import { terminalSafe } from './safe.js';
import { withoutSecrets } from './secrets.js';

/** Prints text on standard output: without passwords, and without what a terminal would obey. */
export const printText = (text: string): void => {
  process.stdout.write(withoutSecrets(chalk.level > 0 ? terminalSafe(text) : visible(text, '\n\t')));
};

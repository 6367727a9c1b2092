import type { Stop } from '../core/stop.js';
import { visible } from './check/visible.js';

/** Whether somebody sits at the terminal. */
export const canAsk = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true;

/**
 * Shows what will be done and asks for a name to be typed. False for anything else, also for closed input; Ctrl-C
 * requests a stop.
 */
export async function askForName(meanings: readonly string[], name: string, stop: Stop): Promise<boolean> {
  const [{ createInterface }, { chalkStderr: chalk }] = await Promise.all([
    import('node:readline'),
    import('chalk'),
  ]);
  const list = meanings.map((meaning) => `  ${chalk.yellow('!')} ${visible(meaning)}\n`).join('');
  process.stderr.write(`${chalk.bold('Before anything is changed:')}\n${list}`);
  process.stderr.write(
    'Have you a backup that was tried? (mltrack backup-hint prints the commands.) Nothing has changed yet.\n',
  );
  const input = createInterface({ input: process.stdin, output: process.stderr, terminal: true });
  const release = stop.onRequest(() => input.close());
  try {
    return await new Promise<boolean>((resolve) => {
      // In a terminal in raw mode Ctrl-C is a key and no signal.
      input.once('SIGINT', () => stop.request('SIGINT'));
      input.once('close', () => resolve(false));
      input.question(`Type the name of the database, ${chalk.bold(visible(name))}, to go on: `, (answer) =>
        resolve(answer.trim() === name),
      );
    });
  } finally {
    release();
    input.close();
    // An answer leaves the cursor on a new line; Ctrl-C and a closed input do not.
    process.stdin.pause();
    if (stop.requested) process.stderr.write('\n');
  }
}

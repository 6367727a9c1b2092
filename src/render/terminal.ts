import chalk from 'chalk';
import ora from 'ora';
import type { UpgradeEvent } from '../core/events.js';
import { visible } from './check/visible.js';
import { prepopulatedText, prepopulateSentence } from './prepopulate.js';
import { printText } from './print.js';
import { fitted, type ProgressEvent } from './progress-words.js';
import { terminalSafe } from './safe.js';
import { backupSentence, doneSentence, repairSentence, startSentence } from './sentences.js';
import type { Reporter } from './upgrade.js';

const barWidth = 24;

/** A spinner with a bar, and of the step in hand what is known: rows, speed, how long it runs, what is left. */
export function terminalReporter(): Reporter {
  const spinner = ora({ stream: process.stderr, discardStdin: false });
  let shown: { readonly event: ProgressEvent; readonly at: number } | null = null;
  const print = (text: string) => {
    const spinning = spinner.isSpinning;
    if (spinning) spinner.stop();
    process.stderr.write(`${terminalSafe(text)}\n`);
    if (spinning) spinner.start();
  };
  const draw = (): void => {
    if (shown) spinner.text = progressText(passing(shown), process.stderr.columns || 80);
  };
  // The clock goes on between two events.
  const timer = setInterval(draw, 1000);
  timer.unref();
  const close = (): void => {
    clearInterval(timer);
    spinner.stop();
  };
  const listen = (event: UpgradeEvent): void => {
    switch (event.event) {
      case 'start':
        print(startSentence(event));
        spinner.start('reading the schema');
        break;
      case 'repair-start':
        print(repairSentence(event));
        spinner.start('repairing');
        break;
      case 'prepopulate-start':
        print(prepopulateSentence(event));
        spinner.start('looking for rows to fill');
        break;
      case 'backup':
        print(`${chalk.green('✔')} ${backupSentence(event)}`);
        break;
      case 'waiting':
        shown = null;
        spinner.start(visible(`waiting: ${event.reason}`));
        break;
      case 'revision':
        print(`${chalk.green('✔')} ${event.revision} ${chalk.dim(event.title)}`);
        break;
      case 'warning':
        print(`${chalk.yellow('warning:')} ${event.message}`);
        break;
      case 'progress':
        shown = { event, at: Date.now() };
        draw();
        break;
      case 'done':
        close();
        printText(`${chalk.green('✔')} ${doneSentence(event)}\n`);
        break;
      case 'prepopulated':
        close();
        printText(`${chalk.green('✔')} ${prepopulatedText(event)}`);
    }
  };
  return { listen, close };
}

/** What was told, with the time since. */
function passing({ event, at }: { readonly event: ProgressEvent; readonly at: number }): ProgressEvent {
  const since = (Date.now() - at) / 1000;
  return event.seconds === undefined ? event : { ...event, seconds: event.seconds + since };
}

/** The bar and what fits beside it; ora puts a spinner and a blank before it. */
function progressText(event: ProgressEvent, columns: number): string {
  const bar = columns < 60 ? '' : barOf(event.share);
  const share = `${Math.floor(event.share * 100)} % `;
  const before = 2 + (bar === '' ? 0 : barWidth + 1) + share.length;
  return `${bar}${share}${visible(fitted(event, Math.max(columns - 1 - before, 8)))}`;
}

function barOf(share: number): string {
  const filled = Math.floor(share * barWidth);
  return `${chalk.cyan('█'.repeat(filled))}${chalk.dim('░'.repeat(barWidth - filled))} `;
}

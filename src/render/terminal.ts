import chalk from 'chalk';
import ora from 'ora';
import type { UpgradeEvent } from '../core/events.js';
import { prepopulatedText, prepopulateSentence } from './prepopulate.js';
import { backupSentence, clock, doneSentence, repairSentence, startSentence } from './sentences.js';
import type { Reporter } from './upgrade.js';

const barWidth = 24;

/** A spinner with a bar, rows and the time left, by the share of rows done so far. */
export function terminalReporter(): Reporter {
  const spinner = ora({ stream: process.stderr, discardStdin: false });
  const started = Date.now();
  const print = (text: string) => {
    const spinning = spinner.isSpinning;
    if (spinning) spinner.stop();
    process.stderr.write(`${text}\n`);
    if (spinning) spinner.start();
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
        spinner.start(`waiting: ${event.reason}`);
        break;
      case 'revision':
        print(`${chalk.green('✔')} ${event.revision} ${chalk.dim(event.title)}`);
        break;
      case 'warning':
        print(`${chalk.yellow('warning:')} ${event.message}`);
        break;
      case 'progress':
        spinner.text = progressText(event, (Date.now() - started) / 1000);
        break;
      case 'done':
        spinner.stop();
        process.stdout.write(`${chalk.green('✔')} ${doneSentence(event)}\n`);
        break;
      case 'prepopulated':
        spinner.stop();
        process.stdout.write(`${chalk.green('✔')} ${prepopulatedText(event)}`);
    }
  };
  return { listen, close: () => spinner.stop() };
}

function progressText(event: Extract<UpgradeEvent, { event: 'progress' }>, elapsed: number): string {
  const filled = Math.round(event.share * barWidth);
  const bar = chalk.cyan('█'.repeat(filled)) + chalk.dim('░'.repeat(barWidth - filled));
  const rows = event.rows ? `, ${event.rows.toLocaleString('en')} rows` : '';
  // Too early a guess is worse than none.
  const left =
    event.share > 0.02 && elapsed > 1
      ? `, about ${clock((elapsed / event.share) * (1 - event.share))} left`
      : '';
  return `${bar} ${Math.round(event.share * 100)} % ${event.step}${rows}${left}`;
}

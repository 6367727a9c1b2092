import type { UpgradeEvent } from '../core/events.js';
import { visible } from './check/visible.js';
import { prepopulatedText, prepopulateSentence } from './prepopulate.js';
import { printText } from './print.js';
import { logged, type ProgressEvent } from './progress-words.js';
import { backupSentence, doneSentence, repairSentence, startSentence } from './sentences.js';
import type { Reporter } from './upgrade.js';

/** Steps shorter than this are not worth a line in a log. */
const quietSeconds = 2;
/** But of many short ones one is told after so many seconds. */
const longSilence = 10;

/** After how many seconds of a step the next line is due: a long one says less and less often. */
const due = (seconds: number): number =>
  seconds < 10 ? 10 : seconds < 60 ? Math.floor(seconds / 20 + 1) * 20 : Math.floor(seconds / 60 + 1) * 60;

/** Timestamped lines for logs; the result goes to standard output, the rest to standard error. */
export function plainReporter(): Reporter {
  let lastStep = Date.now();
  let next = quietSeconds;
  const line = (text: string) => process.stderr.write(`${new Date().toISOString()} ${visible(text, '\n')}\n`);
  const isDue = ({ seconds }: ProgressEvent): boolean => {
    const silent = (Date.now() - lastStep) / 1000;
    if (seconds === undefined) return silent >= quietSeconds;
    // A step has begun.
    if (seconds === 0) next = quietSeconds;
    if (seconds < next) return silent >= longSilence;
    next = due(seconds);
    return true;
  };
  const listen = (event: UpgradeEvent): void => {
    switch (event.event) {
      case 'start':
        line(startSentence(event));
        break;
      case 'repair-start':
        line(repairSentence(event));
        break;
      case 'prepopulate-start':
        line(prepopulateSentence(event));
        break;
      case 'backup':
        line(backupSentence(event));
        break;
      case 'waiting':
        line(`waiting: ${event.reason}`);
        break;
      case 'revision':
        line(`${event.revision} ${event.title}`);
        break;
      case 'warning':
        line(`warning: ${event.message}`);
        break;
      case 'progress':
        if (!isDue(event)) break;
        lastStep = Date.now();
        line(logged(event));
        break;
      case 'done':
        printText(`${doneSentence(event)}\n`);
        break;
      case 'prepopulated':
        printText(prepopulatedText(event));
    }
  };
  return { listen, close: () => undefined };
}

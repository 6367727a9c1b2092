import type { UpgradeEvent } from '../core/events.js';
import { prepopulatedText, prepopulateSentence } from './prepopulate.js';
import { backupSentence, doneSentence, repairSentence, startSentence } from './sentences.js';
import type { Reporter } from './upgrade.js';

/** Steps shorter than this are not worth a line in a log. */
const quietMs = 2000;

/** Timestamped lines for logs; the result goes to standard output, the rest to standard error. */
export function plainReporter(): Reporter {
  let lastStep = 0;
  const line = (text: string) => process.stderr.write(`${new Date().toISOString()} ${text}\n`);
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
        if (Date.now() - lastStep < quietMs) break;
        lastStep = Date.now();
        line(`${Math.round(event.share * 100)} % ${event.step}${rowsOf(event.rows)}`);
        break;
      case 'done':
        process.stdout.write(`${doneSentence(event)}\n`);
        break;
      case 'prepopulated':
        process.stdout.write(prepopulatedText(event));
    }
  };
  return { listen, close: () => undefined };
}

const rowsOf = (rows: number | null): string => (rows ? ` (${rows.toLocaleString('en')} rows)` : '');

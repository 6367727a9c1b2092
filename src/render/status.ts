import type { Status } from '../core/status.js';
import { count } from './sentences.js';

/** The status of a database for people, or as one JSON event. */
export function printStatus(status: Status, options: { json?: true }): void {
  if (options.json) {
    process.stdout.write(`${JSON.stringify(status)}\n`);
    return;
  }
  const { behind, mlflow } = status;
  const lines = [
    `${status.database} (${status.server})`,
    status.revision === null
      ? status.written
      : `revision ${status.revision}, ${status.written}; ${status.starts}`,
    `${behind === 0 ? 'at the head' : `${count(behind, 'revision')} behind the head`}; ${status.known}`,
    ...(mlflow ? [`${mlflow.sentence}${mlflow.todo ? `: ${mlflow.todo}` : ''}`] : []),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

import { jsonLine } from '../json.js';
import type { Printed } from './printed.js';

/** One event a line: a report a database, then the summary. */
export const renderJson = ({ outcomes, summary }: Printed): string =>
  [...outcomes, summary].map(jsonLine).join('');

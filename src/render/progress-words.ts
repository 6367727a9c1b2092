import type { StepProgress, UpgradeEvent } from '../core/events.js';
import { clock } from './sentences.js';

export type ProgressEvent = Extract<UpgradeEvent, { event: 'progress' }>;

const number = (value: number): string => value.toLocaleString('en');

/** "1,200,000 of 2,000,000 rows", "43 % of about 2,000,000 rows", "1,200 rows"; null where nothing is known. */
export function amount({ rows, total, exact, stepShare }: ProgressEvent): string | null {
  const all = total ? `${exact ? '' : 'about '}${number(total)} rows` : '';
  if (rows !== null) {
    if (total && total >= rows) return `${number(rows)} of ${all}`;
    return rows > 0 ? `${number(rows)} rows` : null;
  }
  if (stepShare === null || stepShare === undefined) return null;
  const share = `${Math.floor(stepShare * 100)} %`;
  return total ? `${share} of ${all}` : `${share} of this step`;
}

/** "52,000 rows/s"; null before there is a base, and for a step that counts nothing. */
export const speed = ({ rate }: Partial<StepProgress>): string | null =>
  rate === null || rate === undefined ? null : `${number(rate)} rows/s`;

/** "about 1:05 min left"; of the step alone where of the whole it is not known; null where neither is. */
export function left({ etaSeconds, stepEtaSeconds }: Partial<StepProgress>): string | null {
  if (typeof etaSeconds === 'number') return `about ${clock(etaSeconds)} left`;
  return typeof stepEtaSeconds === 'number' ? `about ${clock(stepEtaSeconds)} left of this step` : null;
}

/** Everything that is known of a step, for a line of a log: "copy spans (1,200 of 8,000 rows, 40 rows/s, 30 s so far)". */
export function logged(event: ProgressEvent): string {
  const { seconds, phase } = event;
  const known = [
    phase ?? null,
    amount(event),
    speed(event),
    seconds === undefined ? null : `${clock(seconds)} so far`,
    left(event),
  ].filter((part) => part !== null);
  return `${Math.floor(event.share * 100)} % ${event.step}${known.length > 0 ? ` (${known.join(', ')})` : ''}`;
}

/** So much of a step's title stays, in columns, beside what else is told of it. */
const leastTitle = 20;

/** The same in one line of at most `width` columns: what matters least is left out, and a long title cut. */
export function fitted(event: ProgressEvent, width: number): string {
  const { step, phase = null, seconds } = event;
  const passed = seconds !== undefined && seconds >= 2 ? clock(seconds) : null;
  // In the order of the line, and how much each matters.
  const parts: [string | null, number][] = [
    [phase, 1],
    [amount(event), 3],
    [speed(event), 2],
    [passed, 5],
    [left(event), 4],
  ];
  const kept = parts.filter((part): part is [string, number] => part[0] !== null);
  const room = (): number => width - kept.reduce((sum, [text]) => sum + 2 + text.length, 0);
  while (room() < Math.min(step.length, leastTitle) && kept.length > 0) {
    const least = Math.min(...kept.map(([, matters]) => matters));
    kept.splice(
      kept.findIndex(([, matters]) => matters === least),
      1,
    );
  }
  return [cut(step, room()), ...kept.map(([text]) => text)].join(', ');
}

const cut = (text: string, width: number): string =>
  text.length > width ? `${text.slice(0, Math.max(width - 1, 0))}…` : text;

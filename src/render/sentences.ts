import type { UpgradeEvent } from '../core/events.js';

type Of<K extends UpgradeEvent['event']> = Extract<UpgradeEvent, { event: K }>;

/** What is about to happen. */
export function startSentence(event: Of<'start'>): string {
  const from = event.from === null ? event.written : `revision ${event.from}, ${event.written}`;
  return `${event.database} (${event.server}): ${from}; to ${event.to}, ${count(event.revisions, 'revision')}; ${event.known}`;
}

/** What a repair takes on. */
export const repairSentence = (event: Of<'repair-start'>): string =>
  `${event.database} (${event.server}): repairing ${count(event.findings, 'finding')}`;

/** Where the backup is, and that it was read back. */
export function backupSentence(event: Of<'backup'>): string {
  const tables = Object.values(event.rows);
  const rows = tables.reduce((sum, n) => sum + n, 0);
  return `backup in ${event.file}: ${count(rows, 'row')} of ${count(tables.length, 'table')}, read back and equal`;
}

/** What was done, and what it means. */
export function doneSentence(event: Of<'done'>): string {
  if (event.applied.length === 0) return `already at ${event.to} (MLflow ${event.release}); nothing to do`;
  const what = event.created ? 'created at' : `upgraded by ${count(event.applied.length, 'revision')} to`;
  return `${what} ${event.to} (first in MLflow ${event.release}) in ${event.seconds} s`;
}

export const count = (n: number, noun: string): string => `${digits(n)} ${noun}${n === 1 ? '' : 's'}`;

/** With commas, for which Node reads its tables of languages: 15 ms that small numbers need not take. */
const digits = (n: number): string => (n < 1000 ? String(n) : n.toLocaleString('en'));

/** "1:05" or "12 s". */
export function clock(seconds: number): string {
  const whole = Math.max(Math.round(seconds), 0);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')} min`;
}

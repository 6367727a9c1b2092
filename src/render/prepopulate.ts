import chalk from 'chalk';
import type { UpgradeEvent } from '../core/events.js';
import type { PrepopulatePlan } from '../core/prepopulate-plan.js';
import { printEvent } from './json.js';
import { lockText } from './plan.js';
import { printText } from './print.js';
import { count } from './sentences.js';
import { bytes, rows } from './units.js';

type Of<K extends UpgradeEvent['event']> = Extract<UpgradeEvent, { event: K }>;
type Place = Of<'prepopulate-start'>['from'];

/** What is about to happen, and where it begins. */
export const prepopulateSentence = (event: Of<'prepopulate-start'>): string =>
  `${event.database} (${event.server}): filling ahead of ${event.revision}, ${beginning(event.from)}`;

const beginning = (from: Place): string =>
  from === null
    ? 'from the first row'
    : `on from ${from.after ? `${from.table} ${from.after.join('/')}` : `the first row of ${from.table}`}`;

/** What was done, and what comes next. */
export function prepopulatedText({ revision, columns, tables, why, seconds }: Of<'prepopulated'>): string {
  const looked = tables.map(
    ({ table, rows: n, written }) => `  ${table}: ${count(n, 'row')}, ${rows(written)} written`,
  );
  if (why !== null) return `${[why, ...looked].join('\n')}\n`;
  const head = `filled ahead of ${revision} in ${seconds} s, ${count(columns.length, 'column')} added`;
  return `${[head, ...looked, 'the stamp is as it was; what comes until then the upgrade fills'].join('\n')}\n`;
}

/** A plan for people, or as one JSON event. */
export function printPrepopulatePlan(plan: PrepopulatePlan, options: { json?: true }): void {
  if (options.json) printEvent(plan);
  else printText(planText(plan));
}

function planText(plan: PrepopulatePlan): string {
  const lines = [
    chalk.bold(`ahead of ${plan.revision}, while the server runs`),
    `${plan.database} (${plan.server})`,
  ];
  if (plan.why !== null) return `${[...lines, plan.why].join('\n')}\n`;
  const claims = plan.statements.map(({ locks }) => locks.map((lock) => `    ${chalk.dim(lockText(lock))}`));
  plan.statements.forEach(({ sql }, i) => {
    lines.push(`  ${sql.trim().replace(/\s*\n\s*/g, ' ')}`);
    // One table after the other: its locks are told once.
    if (claims[i]?.join() !== claims[i + 1]?.join()) lines.push(...(claims[i] ?? []));
  });
  if (plan.statements.length === 0) lines.push('  all columns are there');
  lines.push(
    `then, ${beginning(plan.from)}, at most ${count(plan.batchRows, 'row')} a transaction:`,
    ...plan.tables.map(
      ({ table, rows: n, exact, bytes: size }) =>
        `  ${table}: ${rows(n, exact)} rows${size === null ? '' : `, ${bytes(size)}`}`,
    ),
    'nothing was changed',
  );
  return `${lines.join('\n')}\n`;
}

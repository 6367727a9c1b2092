import chalk from 'chalk';
import type { Plan } from '../core/plan.js';
import type { LockClaim, PlannedAction, PlannedRevision } from '../core/planned.js';
import { visible } from './check/visible.js';
import { padEnd, widest } from './columns.js';
import { printEvent } from './json.js';
import { printText } from './print.js';
import { count } from './sentences.js';
import { bytes, durations, rows } from './units.js';
import { wrapped } from './wrap.js';

/** A plan for people, or as one JSON event. */
export function printPlan(plan: Plan, options: { json?: true }): void {
  if (options.json) printEvent(plan);
  else printText(textOf(plan));
}

function textOf(plan: Plan): string {
  const lines = [
    chalk.bold(`afterwards ${plan.afterwards.replace(' starts on it', ' starts on this database')}`),
    `${plan.database} (${plan.server})`,
    plan.from.revision === null
      ? `now: ${plan.from.written}`
      : `now: revision ${plan.from.revision}, ${plan.from.written}`,
    ...(plan.mlflow
      ? wrapped(`${plan.mlflow.sentence}${plan.mlflow.todo ? `: ${plan.mlflow.todo}` : ''}`, 2)
      : []),
  ];
  if (plan.steps.length === 0) return `${[...lines, 'nothing to do'].join('\n')}\n`;
  lines.push(`then: revision ${plan.to.revision}, ${count(plan.revisions.length, 'revision')} further`, '');
  lines.push(...(plan.creates ? created(plan) : plan.revisions.flatMap((one) => revision(plan, one))));
  lines.push(...tables(plan), ...discards(plan), ...costs(plan), ...listed('note', plan.notes));
  lines.push(
    ...listed(
      chalk.yellow('must be agreed to'),
      plan.questions.map(({ key, meaning }) => `${meaning} (--yes or --confirm ${key})`),
    ),
    ...listed(chalk.red('stands in the way'), plan.reasons),
  );
  if (plan.reasons.length === 0) lines.push('', 'nothing was changed');
  return `${lines.join('\n')}\n`;
}

/** A fresh database: one line a table says enough; `--json` has the statements. */
const created = (plan: Plan): string[] =>
  plan.steps.flatMap(({ actions }) => actions.map(({ title, sql }) => `  ${title}: ${firstLine(sql ?? '')}`));

function revision(
  plan: Plan,
  { revision: id, release, title, irreversible, steps, meanwhile }: PlannedRevision,
): string[] {
  const mark = irreversible ? chalk.yellow(' · cannot be undone') : '';
  const head = `${chalk.bold(id)} ${title} ${chalk.dim(`(MLflow ${release})`)}${mark}`;
  const lines = [
    head,
    ...(irreversible ? wrapped(`    ${irreversible.why}`, 4).map((line) => chalk.yellow(line)) : []),
  ];
  for (const place of steps) {
    const step = plan.steps[place];
    // A step for several revisions is told where the last of them stands.
    if (!step || step.revisions.at(-1) !== id) {
      const last = step?.revisions.at(-1);
      if (last) lines.push(chalk.dim(`    together with ${last}`));
      continue;
    }
    lines.push(...step.actions.flatMap(action));
  }
  if (
    steps.some((place) => plan.steps[place]?.kind !== 'stamp' && plan.steps[place]?.revisions.at(-1) === id)
  )
    lines.push(...dim(wrapped(`    ${meanwhile}`, 4)));
  return lines;
}

function action({ title, sql, rowSql = [], locks, reads, writes }: PlannedAction): string[] {
  const what =
    sql ??
    `rows: ${title}; reads ${(reads ?? []).join(', ')}${writes?.length ? `, writes ${writes.join(', ')}` : ''}`;
  const how = sql === null && rowSql.length === 0 ? ['read in pages and written back, in batches'] : rowSql;
  return [
    `    ${oneLine(what)}`,
    ...how.map((line) => `      ${oneLine(line)}`),
    ...locks.map((lock) => `      ${chalk.dim(lockText(lock))}`),
  ];
}

const oneLine = (sql: string): string => visible(sql.trim().replace(/\s*\n\s*/g, ' '));

const works = {
  metadata: 'metadata only',
  online: 'online',
  scan: 'reads every row',
  build: 'builds an index',
  rewrite: 'rewrites the table',
  rows: 'works on rows',
} as const satisfies Record<LockClaim['work'], string>;

const waits = {
  nothing: 'nobody waits',
  writers: 'writers wait',
  everyone: 'readers and writers wait',
} as const satisfies Record<LockClaim['blocks'], string>;

export const lockText = ({ table, lock, work, blocks }: LockClaim): string =>
  `${visible(table)}: ${lock}, ${works[work]}, ${waits[blocks]}`;

function tables(plan: Plan): string[] {
  if (plan.tables.length === 0) return [];
  const width = widest(plan.tables.map(({ table }) => visible(table)));
  const counts = plan.tables.map((size) => rows(size.rows, size.exact));
  const digits = Math.max(...counts.map((text) => text.length));
  return [
    '',
    chalk.bold('tables concerned'),
    ...plan.tables.map(
      ({ table, bytes: size }, i) =>
        `  ${padEnd(visible(table), width)}  ${(counts[i] as string).padStart(digits)} rows${size === null ? '' : `  ${bytes(size).padStart(9)}`}`,
    ),
  ];
}

const discards = (plan: Plan): string[] =>
  plan.discards.length === 0
    ? []
    : [
        '',
        chalk.bold('what MLflow’s own migration loses, and so does this one'),
        ...plan.discards.flatMap(({ revision: id, what, count: n, examples }) =>
          wrapped(
            visible(
              `  ${id}: ${rows(n)} × ${what} (${examples.slice(0, 3).join('; ')}${n > 3 ? '; …' : ''})`,
            ),
            4,
          ),
        ),
      ];

function costs({ seconds, disk }: Plan): string[] {
  const lines = [''];
  if (seconds) lines.push(`time: ${durations(seconds)}`, ...dim(wrapped(`  ${seconds.basis}`, 2)));
  if (disk) {
    const free = disk.free === null ? `free: ${disk.where}` : `${bytes(disk.free)} free in ${disk.where}`;
    const short = disk.free !== null && disk.free < disk.needed;
    lines.push(
      `disk: ${bytes(disk.needed)} needed, ${short ? chalk.red(free) : free}`,
      ...dim(wrapped(`  ${disk.basis}`, 2)),
    );
  }
  return lines;
}

const listed = (lead: string, texts: readonly string[]): string[] =>
  texts.length === 0 ? [] : ['', ...texts.flatMap((text) => wrapped(`${lead}: ${visible(text)}`, 2))];

const dim = (lines: readonly string[]): string[] => lines.map((line) => chalk.dim(line));

const firstLine = (sql: string): string => sql.split('\n')[0] ?? '';

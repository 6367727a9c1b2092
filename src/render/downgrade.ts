import chalk from 'chalk';
import type { DowngradePlan, DowngradeResult } from '../core/downgrade.js';
import type { Listener } from '../core/events.js';
import { printEvent } from './json.js';
import { printText } from './print.js';
import { count } from './sentences.js';

/** What a downgrade would do, for people or as one JSON event. */
export function printDowngradePlan(plan: DowngradePlan, options: { json?: true }): void {
  if (options.json) printEvent(planEvent(plan));
  else printText(planText(plan));
}

/** What it did. */
export function printDowngraded(
  result: DowngradeResult & { readonly seconds: number },
  options: { json?: true; quiet?: true },
): void {
  const { from, to, undone, seconds } = result;
  if (options.json) printEvent({ event: 'downgraded', ...result });
  else if (options.quiet) return;
  else if (undone.length === 0) printText(`already at ${to}; nothing to do\n`);
  else
    printText(
      `${chalk.green('✔')} went back from ${from} to ${to}, ${count(undone.length, 'revision')}, in ${seconds} s\n`,
    );
}

/** Events of a downgrade in the words of the others: a revision is undone, not done. */
export const undoing =
  (listen: Listener): Listener =>
  (event) =>
    listen(event.event === 'revision' ? { ...event, title: `undone: ${event.title}` } : event);

const planEvent = (plan: DowngradePlan) => ({
  event: 'downgrade-plan',
  database: plan.place,
  server: plan.server,
  from: { revision: plan.from.revision, written: plan.written },
  to: { revision: plan.to.revision, starts: plan.starts },
  revisions: plan.downs.map(({ revision: { revision, title, release }, statements, losses }) => ({
    ...{ revision, title, release },
    statements: statements.map(({ sql, table, title: what }) => ({ sql, table, title: what })),
    losses,
  })),
  reasons: plan.reasons,
});

function planText(plan: DowngradePlan): string {
  const { downs, reasons, from, to, starts } = plan;
  const lines = [
    chalk.bold(`afterwards ${starts}`),
    `${plan.place} (${plan.server})`,
    `now: revision ${from.revision}, ${plan.written}`,
  ];
  if (downs.length === 0) return `${[...lines, `already at ${to.revision}; nothing to do`].join('\n')}\n`;
  lines.push(`then: revision ${to.revision}, ${count(downs.length, 'revision')} back`, '');
  for (const { revision, statements, losses } of downs) {
    lines.push(
      `${chalk.bold(revision.revision)} ${revision.title} ${chalk.dim(`(MLflow ${revision.release})`)}`,
    );
    lines.push(...statements.map(({ sql }) => `    ${sql.replace(/\n\s*/g, ' ')}`));
    for (const { table, what, rows, examples } of losses)
      lines.push(
        chalk.red(
          `    ${count(rows, 'row')} of ${table} would be lost, because they ${what}: ${examples.join('; ')}`,
        ),
      );
  }
  if (reasons.length > 0) lines.push('', ...reasons.map((reason) => chalk.red(`in the way: ${reason}`)));
  lines.push('', 'nothing was changed');
  return `${lines.join('\n')}\n`;
}

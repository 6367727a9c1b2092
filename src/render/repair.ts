import chalk from 'chalk';
import type { RepairResult } from '../core/check/repair.js';
import type { RepairPlan } from '../core/check/repair-plan.js';
import type { Reported } from '../core/check/report.js';
import { printEvent } from './json.js';
import { printText } from './print.js';
import { count } from './sentences.js';

interface Options {
  readonly json?: true;
  readonly quiet?: true;
}

/** What a repair would do, for people or as one JSON event. */
export function printRepairPlan(
  plan: RepairPlan,
  place: { place: string; server: string },
  options: Options,
): void {
  if (options.json) printEvent(planEvent(plan, place));
  else printText(planText(plan, place));
}

/** What it did, and what is left. */
export function printRepaired(result: RepairResult & { readonly seconds: number }, options: Options): void {
  if (options.json) {
    printEvent(resultEvent(result));
    return;
  }
  if (options.quiet && result.left.length === 0) return;
  printText(resultText(result));
}

const brief = ({ id, rule, severity, message, why }: Reported) => ({ id, rule, severity, message, why });

const planEvent = (
  { checked, chosen, left, chunks }: RepairPlan,
  { place, server }: { place: string; server: string },
) => ({
  ...{ event: 'repair-plan', database: place, server, revision: checked.revision },
  repairs: chosen.map((finding) => ({ ...brief(finding), sql: statementsFor(finding, chunks) })),
  left: checked.findings
    .filter(({ id, severity }) => left.has(id) && severity !== 'note')
    .map((finding) => ({ ...brief(finding), reason: left.get(finding.id)?.reason })),
});

const resultEvent = ({
  found,
  repaired,
  left,
  revision,
  place,
  server,
  seconds,
}: RepairResult & { seconds: number }) => ({
  ...{ event: 'repaired', database: place, server, revision },
  found: found.length,
  repaired: repaired.map(brief),
  left: left.map(({ finding, why: reason }) => ({ ...brief(finding), reason })),
  seconds,
});

/** The statements of the plan that are for this finding; one that serves several stands with each. */
const statementsFor = ({ id }: Reported, chunks: RepairPlan['chunks']): string[] =>
  chunks.flatMap(({ statements, owners }) => (owners.includes(id) ? statements.map(({ sql }) => sql) : []));

const colours = { error: chalk.red, warning: chalk.yellow, note: chalk.dim } as const;
const headline = ({ severity, message }: Reported): string => `${colours[severity](severity)} ${message}`;

function planText(plan: RepairPlan, { place, server }: { place: string; server: string }): string {
  const { checked, chosen, left, chunks } = plan;
  const lines = [`${place} (${server}): revision ${checked.revision ?? 'none'}, ${checked.written}`];
  const staying = checked.findings.filter(({ id, severity }) => left.has(id) && severity !== 'note');
  if (chosen.length === 0 && staying.length === 0) return `${[...lines, 'nothing to repair'].join('\n')}\n`;
  for (const finding of chosen) {
    lines.push('', headline(finding));
    const statements = statementsFor(finding, chunks);
    lines.push(...statements.map((sql) => `    ${sql.replaceAll('\n', '\n    ')};`));
  }
  for (const finding of staying)
    lines.push('', headline(finding), chalk.yellow(`    left alone: ${left.get(finding.id)?.reason}`));
  lines.push(
    '',
    `${count(chosen.length, 'finding')} would be repaired, ${staying.length} left alone; nothing was changed`,
  );
  return `${lines.join('\n')}\n`;
}

function resultText({ found, repaired, left, seconds }: RepairResult & { seconds: number }): string {
  if (found.length === 0) return 'nothing to repair: the schema is as MLflow has it\n';
  const lines = repaired.map((finding) => `${chalk.green('✔')} ${finding.message}`);
  for (const { finding, why } of left)
    lines.push(`${chalk.red('✘')} ${finding.message}`, chalk.yellow(`    left alone: ${why}`));
  const rest = left.length === 0 ? 'the schema is as MLflow has it' : `${left.length} left alone`;
  lines.push(`${count(repaired.length, 'finding')} repaired in ${seconds} s; ${rest}`);
  return `${lines.join('\n')}\n`;
}

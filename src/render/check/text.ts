import type { ChalkInstance } from 'chalk';
import type { CheckOutcome, CheckReport, Ignored, Reported } from '../../core/check/report.js';
import { count } from '../sentences.js';
import { wrapped } from '../wrap.js';
import { countsOf, standsIn } from './counts.js';
import { ended, labelOf, type Printed, repairOf, sorted } from './printed.js';
import { visible } from './visible.js';

const paint = { error: 'red', warning: 'yellow', note: 'cyan' } as const;

/** For people: by database, then severity, then table; the last line counts. @param width columns that a sentence may take */
export function renderText(
  { outcomes, summary }: Printed,
  chalk: ChalkInstance,
  width = Number.POSITIVE_INFINITY,
): string {
  const parts = outcomes.map((outcome) => databaseText(outcome, chalk, width));
  if (outcomes.length > 1) parts.push([`${count(outcomes.length, 'database')}: ${countsOf(summary)}`]);
  return `${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function databaseText(outcome: CheckOutcome, chalk: ChalkInstance, width: number): string[] {
  const fitted = (text: string): string[] => wrapped(text, 6, width);
  const title = chalk.bold(visible(labelOf(outcome)));
  if (outcome.event === 'check-failed')
    return [
      `${title}: ${chalk.red('could not be checked')}: ${visible(outcome.message)}`,
      ...outcome.hints.map((hint) => `  ${chalk.dim('→')} ${visible(hint)}`),
    ];
  return [
    `${title} (${visible(outcome.name === null ? outcome.server : `${outcome.database}, ${outcome.server}`)}): ${standsIn(outcome)}`,
    ...(outcome.mlflow ? fitted(verdictText(outcome.mlflow)) : []),
    ...sorted(outcome.findings).flatMap((finding) => findingText(finding, chalk, fitted)),
    ...outcome.ignored.map((one) => chalk.dim(ignoredText(one))),
    ...outcome.staleIgnores.map((text) => `  ${chalk.yellow('ignore file')} ${visible(text)}`),
    ...outcome.notChecked.flatMap(({ what, why, remedy }) => [
      ...fitted(`  ${chalk.yellow('not checked')}: ${visible(what)}: ${visible(why)}`),
      ...fitted(`    to see it: ${visible(remedy)}`),
    ]),
    lastLine(outcome, chalk),
  ];
}

const verdictText = ({ sentence, todo }: NonNullable<CheckReport['mlflow']>): string =>
  `  ${visible(todo === null ? sentence : `${sentence}: ${todo}`)}`;

function findingText(finding: Reported, chalk: ChalkInstance, fitted: (text: string) => string[]): string[] {
  const { severity, id, message, why, sql } = finding;
  return [
    `  ${chalk[paint[severity]](severity.padEnd(7))}  ${chalk.bold(visible(id))}`,
    ...fitted(`    ${visible(message)}`),
    ...fitted(`    ${chalk.dim('why:')} ${visible(why)}`),
    ...fitted(`    ${chalk.dim('repair:')} ${visible(repairOf(finding))}`),
    ...sql.flatMap((one) => visible(ended(one), '\n').split('\n')).map((line) => `      ${line}`),
  ];
}

const ignoredText = ({ finding, reason, expires }: Ignored): string =>
  `  ignored  ${visible(finding.id)}: ${visible(reason)}${expires === null ? '' : ` (until ${expires})`}`;

/** "clean" is said only where everything was looked at. */
function lastLine(report: CheckReport, chalk: ChalkInstance): string {
  const { findings, ignored, notChecked, rows } = report;
  if (findings.length + ignored.length + notChecked.length > 0) return `  ${countsOf(report)}`;
  return `  ${chalk.green('clean')}${rows ? ', rows too' : ' (the rows were not read: --rows)'}`;
}

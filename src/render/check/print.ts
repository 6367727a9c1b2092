import { appendFileSync } from 'node:fs';
import chalk from 'chalk';
import { fails } from '../../core/check/exit.js';
import { jsonLine } from '../json.js';
import { countsOf } from './counts.js';
import { type Format, render } from './index.js';
import type { Output } from './output.js';
import { labelOf, type Printed } from './printed.js';
import { visible } from './visible.js';

export interface PrintOptions {
  readonly format: Format;
  /** null: standard output. */
  readonly output: Output | null;
  readonly quiet: boolean;
  /** Where GitHub takes a step's summary: `$GITHUB_STEP_SUMMARY`. */
  readonly stepSummary: string | undefined;
}

/** GitHub takes 1 MiB a step; a character is at most three bytes of it. */
const stepSummaryLimit = 340_000;

/** Writes the report where it belongs. @throws exit 2 where a file cannot be written */
export async function printChecks(printed: Printed, options: PrintOptions): Promise<void> {
  const { format, output, quiet } = options;
  if (format === 'github' && options.stepSummary) await summarize(printed, options.stepSummary);
  if (output) {
    await output.write(await render(format, printed));
    if (!quiet) process.stdout.write(shortText(printed, format, output.file));
    return;
  }
  const isText = format === 'text';
  const shown = quiet && isText ? failing(printed) : printed;
  if (shown.outcomes.length > 0)
    process.stdout.write(await render(format, shown, isText ? chalk : undefined));
}

/** What stands on the terminal when the report is in a file. */
function shortText({ outcomes, summary }: Printed, format: Format, file: string): string {
  if (format === 'json') return jsonLine(summary);
  const lines = outcomes.map((outcome) => {
    const found = outcome.event === 'check' ? countsOf(outcome) : 'could not be checked';
    return `${visible(labelOf(outcome))}: ${found}\n`;
  });
  return `${lines.join('')}the report is in ${visible(file)}\n`;
}

/** With --quiet: only what fails the check. */
function failing(printed: Printed): Printed {
  const outcomes = printed.outcomes
    .filter(({ exitCode }) => exitCode !== 0)
    .map((outcome) =>
      outcome.event === 'check'
        ? { ...outcome, findings: outcome.findings.filter(({ severity }) => fails(severity, printed.failOn)) }
        : outcome,
    );
  return { ...printed, outcomes };
}

/** A summary that cannot be written is no reason to fail the check. */
async function summarize(printed: Printed, file: string): Promise<void> {
  const { renderMarkdown } = await import('./markdown.js');
  try {
    appendFileSync(file, renderMarkdown(printed, stepSummaryLimit));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    process.stderr.write(`warning: the step summary cannot be written: ${file} (${code})\n`);
  }
}

import chalk from 'chalk';
import type { GoesDown, HistoryEntry } from '../core/history.js';

/** The revisions as a table for people, or as one JSON event. */
export function printHistory(revisions: readonly HistoryEntry[], options: { json?: true }): void {
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ event: 'history', version: 1, revisions })}\n`);
    return;
  }
  const width = Math.max(...revisions.map(({ title }) => title.length));
  const lines = revisions.flatMap(
    ({ ordinal, revision, release, title, irreversible, goesDown, neverOn }): string[] => {
      const where = irreversible?.dialects ? ` (only ${irreversible.dialects.join(', ')})` : '';
      return [
        [
          String(ordinal).padStart(3),
          chalk.bold(revision.padEnd(13)),
          `MLflow ${release}`.padEnd(14),
          title.padEnd(width),
          colored(irreversible ? 'irreversible' : 'reversible  ', irreversible !== null),
          `goes down: ${downText(goesDown)}${neverOn.length > 0 ? ` (never on ${neverOn.join(', ')})` : ''}`,
        ].join('  '),
        ...(irreversible ? [chalk.dim(`     ${irreversible.why}${where}`)] : []),
      ];
    },
  );
  process.stdout.write(`${[...legend, '', ...lines].join('\n')}\n`);
}

const legend = [
  'irreversible: some database that MLflow may write after the revision cannot go back over it, or rows were deleted',
  'goes down: what mltrack db downgrade does: yes, by the rows of the day, or never',
];

const colored = (text: string, warn: boolean): string => (warn ? chalk.yellow(text) : chalk.dim(text));

const downText = (answer: GoesDown): string => (answer === 'never' ? chalk.yellow(answer) : answer);

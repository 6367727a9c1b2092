import chalk from 'chalk';
import type { GoesDown, HistoryEntry, LongOn, Standing } from '../core/history.js';
import { count } from './sentences.js';

/** The revisions as a table for people, or as one JSON event. @param standing where a database stands among them */
export function printHistory(
  revisions: readonly HistoryEntry[],
  standing: Standing | null,
  options: { json?: true },
): void {
  if (options.json) {
    process.stdout.write(
      `${JSON.stringify({ event: 'history', version: 1, database: standing, revisions })}\n`,
    );
    return;
  }
  const width = Math.max(...revisions.map(({ title }) => title.length));
  const servers = new Set(revisions.flatMap(({ longOn }) => longOn.map(({ server }) => server))).size;
  const lines = revisions.flatMap((entry): string[] => {
    const { ordinal, revision, release, created, title, irreversible, goesDown, neverOn } = entry;
    const where = irreversible?.dialects ? ` (only ${irreversible.dialects.join(', ')})` : '';
    return [
      [
        String(ordinal).padStart(3),
        chalk.bold(revision.padEnd(13)),
        `MLflow ${release}`.padEnd(14),
        created ?? '          ',
        title.padEnd(width),
        colored(irreversible ? 'irreversible' : 'reversible  ', irreversible !== null),
        `goes down: ${downText(goesDown)}${neverOn.length > 0 ? ` (never on ${neverOn.join(', ')})` : ''}`,
      ].join('  '),
      ...(irreversible ? [chalk.dim(`     ${irreversible.why}${where}`)] : []),
      ...longLines(entry.longOn, servers).map((line) => chalk.dim(`     ${line}`)),
      ...(standing?.ordinal === ordinal ? [here(standing)] : []),
    ];
  });
  const before = standing !== null && standing.ordinal < 1 ? [here(standing)] : [];
  process.stdout.write(`${[...legend, '', ...before, ...lines].join('\n')}\n`);
}

const legend = [
  'the date is the one in MLflow’s own file',
  'irreversible: some database that MLflow may write after the revision cannot go back over it, or rows were deleted',
  'goes down: what mltrack db downgrade does: yes, by the rows of the day, or never',
  'long on: servers on which it reads or writes the rows of tables that were there, so that many rows take long',
];

const here = ({ database, pending }: Standing): string =>
  chalk.green(
    `>>> ${database} stands here, ${pending === 0 ? 'at the head' : `${count(pending, 'revision')} behind the head`}`,
  );

/** "long on SQLite, MySQL: tags (rewrite)": servers with the same tables together. @param all how many servers there are */
function longLines(longOn: readonly LongOn[], all: number): string[] {
  const byTables = new Map<string, string[]>();
  for (const { server, tables } of longOn) {
    const names = tables
      .map(({ table }) => table)
      .sort()
      .join(', ');
    byTables.set(names, [...(byTables.get(names) ?? []), server]);
  }
  return [...byTables].map(
    ([names, servers]) => `long on ${servers.length === all ? 'every server' : servers.join(', ')}: ${names}`,
  );
}

const colored = (text: string, warn: boolean): string => (warn ? chalk.yellow(text) : chalk.dim(text));

const downText = (answer: GoesDown): string => (answer === 'never' ? chalk.yellow(answer) : answer);

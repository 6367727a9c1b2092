import chalk from 'chalk';
import type { GoesDown, HistoryEntry, LongOn, Standing } from '../core/history.js';
import { visible } from './check/visible.js';
import { widest } from './columns.js';
import { printEvent } from './json.js';
import { printText } from './print.js';
import { count } from './sentences.js';
import { columns, wrapped } from './wrap.js';

/** The revisions as a table for people, or as one JSON event. @param standing where a database stands among them */
export function printHistory(
  revisions: readonly HistoryEntry[],
  standing: Standing | null,
  options: { json?: true },
): void {
  if (options.json) {
    const event = { event: 'history', database: standing, revisions };
    printEvent(event);
    return;
  }
  const width = widest(revisions.map(({ title }) => title));
  const servers = new Set(revisions.flatMap(({ longOn }) => longOn.map(({ server }) => server))).size;
  const heads = revisions.map((entry) => headOf(entry, width));
  const fits =
    widest(heads.map((parts) => parts.join('  '))) <= columns(process.env, process.stdout, Infinity);
  const lines = revisions.flatMap(({ ordinal, irreversible, title, longOn }, i): string[] => {
    const where = irreversible?.dialects ? ` (only ${irreversible.dialects.join(', ')})` : '';
    const head = heads[i] as string[];
    return [
      ...(fits
        ? [head.join('  ')]
        : [head.slice(0, 4).join('  '), `     ${title}`, `     ${head[5]?.trim()}, ${head[6]}`]),
      ...(irreversible ? dim(wrapped(`     ${irreversible.why}${where}`, 5)) : []),
      ...longLines(longOn, servers).flatMap((line) => dim(wrapped(`     ${line}`, 5))),
      ...(standing?.ordinal === ordinal ? [here(standing)] : []),
    ];
  });
  const before = standing !== null && standing.ordinal < 1 ? [here(standing)] : [];
  printText(`${[...legend.flatMap((line) => wrapped(line, 2)), '', ...before, ...lines].join('\n')}\n`);
}

/** What stands in the columns of the table. @param width of the title */
function headOf(entry: HistoryEntry, width: number): string[] {
  const { ordinal, revision, release, created, title, irreversible, goesDown, neverOn } = entry;
  return [
    String(ordinal).padStart(3),
    chalk.bold(revision.padEnd(13)),
    `MLflow ${release}`.padEnd(14),
    created ?? '          ',
    title.padEnd(width),
    irreversible ? chalk.yellow('irreversible') : `${chalk.dim('reversible')}  `,
    `goes down: ${downText(goesDown)}${neverOn.length > 0 ? ` (never on ${neverOn.join(', ')})` : ''}`,
  ];
}

const legend = [
  'the date is the one in MLflow’s own file',
  'irreversible: some database that MLflow may write after the revision cannot go back over it, or rows were deleted',
  'goes down: what mltrack db downgrade does: yes, by the rows of the day, or never',
  'long on: servers on which it reads or writes the rows of tables that were there, so that many rows take long',
];

const dim = (lines: readonly string[]): string[] => lines.map((line) => chalk.dim(line));

const here = ({ database, pending }: Standing): string =>
  chalk.green(
    `>>> ${visible(database)} stands here, ${pending === 0 ? 'at the head' : `${count(pending, 'revision')} behind the head`}`,
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

const downText = (answer: GoesDown): string => (answer === 'never' ? chalk.yellow(answer) : answer);

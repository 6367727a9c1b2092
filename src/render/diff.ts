import chalk from 'chalk';
import type { DatabaseDiff, DiffEntry, Side } from '../core/diff-databases.js';
import { visible } from './check/visible.js';
import { printEvent } from './json.js';
import { printText } from './print.js';
import { count } from './sentences.js';
import { wrapped } from './wrap.js';

/** In what two databases differ, for people or as one JSON event. */
export function printDiff(diff: DatabaseDiff, options: { json?: true; driftOnly?: true }): void {
  if (options.json) printEvent(diff);
  else printText(`${textOf(diff, options.driftOnly ?? false)}\n`);
}

function textOf(diff: DatabaseDiff, driftOnly: boolean): string {
  const { left, right, sameRevision, differences, equal } = diff;
  const of = (kind: DiffEntry['kind']) => differences.filter((entry) => entry.kind === kind);
  return [
    `left:  ${standing(left)}`,
    `right: ${standing(right)}`,
    ...(sameRevision ? [] : [revisions(driftOnly)]),
    ...how(diff, driftOnly),
    ...section('only in left', of('only-left')),
    ...section('only in right', of('only-right')),
    ...section('differs: left → right', of('differs')),
    ...notChecked('left', left),
    ...notChecked('right', right),
    '',
    equal
      ? chalk.green(driftOnly && !sameRevision ? 'no other difference' : 'no difference')
      : count(differences.length, 'difference') + (sameRevision || driftOnly ? '' : ', beside the revisions'),
  ].join('\n');
}

const standing = ({ database, server, revision, written }: Side): string =>
  `${visible(database)} (${server}): ${revision === null ? written : `revision ${revision}, ${written}`}`;

const revisions = (driftOnly: boolean): string =>
  driftOnly
    ? 'the revisions differ, and what that explains is left out'
    : chalk.yellow('the revisions differ; --drift-only leaves out what that explains');

/** Said where it is not what everybody expects. */
function how({ method, left, right }: DatabaseDiff, driftOnly: boolean): string[] {
  if (method === 'schemas') return [];
  const why = driftOnly
    ? ''
    : `, because ${left.server} and ${right.server} do not have the same words for types`;
  return wrapped(
    `compared: each with MLflow’s schema at its own revision, then what they deviate in${why}`,
    2,
  ).map((line) => chalk.dim(line));
}

const section = (title: string, entries: readonly DiffEntry[]): string[] =>
  entries.length === 0 ? [] : ['', chalk.bold(title), ...entries.flatMap(entryLines)];

function entryLines({ object, table, name, left, right, mlflow }: DiffEntry): string[] {
  const place = [table, name].filter((part) => part !== null).join('.');
  const words = left === null || right === null ? (left ?? right) : `${left} → ${right}`;
  const mark = mlflow ? '' : ' (not MLflow’s)';
  return wrapped(visible(`  ${object}${place === '' ? '' : ` ${place}`}: ${words}${mark}`), 4);
}

const notChecked = (side: string, { notChecked: found }: Side): string[] =>
  found.length === 0
    ? []
    : [
        '',
        chalk.yellow(`not compared, because the role in ${side} may not see it`),
        ...found.flatMap(({ what, why, remedy }) => wrapped(visible(`  ${what}: ${why}; ${remedy}`), 4)),
      ];

import chalk from 'chalk';
import type { PendingIrreversible, PendingLong, Status } from '../core/status.js';
import { visible } from './check/visible.js';
import { printEvent } from './json.js';
import { printText } from './print.js';
import { count } from './sentences.js';
import { tableLines } from './status-tables.js';
import { rows } from './units.js';
import { wrapped } from './wrap.js';

interface Options {
  json?: true;
  allTables?: true;
}

/** The status of a database for people, or as one JSON event. */
export function printStatus(status: Status, options: Options): void {
  if (options.json) printEvent(status);
  else printText(`${textOf(status, options.allTables ?? false)}\n`);
}

function textOf(status: Status, allTables: boolean): string {
  const { behind, mlflow, about, pending, sessions } = status;
  return [
    `${visible(status.database)} (${status.server})`,
    ...wrapped(
      status.revision === null
        ? status.written
        : `revision ${status.revision}, ${status.written}; ${status.starts}`,
      2,
    ),
    `${behind === 0 ? 'at the head' : `${count(behind, 'revision')} behind the head`}; ${status.known}`,
    ...(mlflow ? wrapped(`${mlflow.sentence}${mlflow.todo ? `: ${mlflow.todo}` : ''}`, 2) : []),
    ...dim(wrapped(visible(about.map(({ name, value }) => `${name} ${value}`).join(', ')), 0)),
    ...irreversible(pending.irreversible),
    ...long(pending.long),
    ...users(sessions),
    ...tableLines(status, allTables),
  ].join('\n');
}

const dim = (lines: readonly string[]): string[] => lines.map((line) => chalk.dim(line));

function irreversible(ahead: readonly PendingIrreversible[]): string[] {
  const concerned = ahead.filter(({ rows: n }) => n !== 0);
  const without = ahead.length - concerned.length;
  const lines = concerned.flatMap(({ revision, release, why, tables, rows: n }) => [
    ...wrapped(
      `  ${revision}  MLflow ${release}  ${n === null ? 'rows' : count(n, 'row')} in ${tables.join(', ')}`,
      4,
    ),
    ...dim(wrapped(`    ${why}`, 4)),
  ]);
  const rest = dim([
    `  ${without}${concerned.length > 0 ? ' more' : ''} without a row in the tables concerned`,
  ]);
  return ahead.length === 0
    ? []
    : ['', chalk.bold('ahead, and cannot be undone'), ...lines, ...(without > 0 ? rest : [])];
}

/** The plan has all of them; here those with the most rows. */
const mostLong = 5;

function long(ahead: readonly PendingLong[]): string[] {
  const weight = ({ tables }: PendingLong): number =>
    tables.reduce((sum, { rows: n }) => sum + (n ?? Number.POSITIVE_INFINITY), 0);
  const withRows = ahead.filter((one) => weight(one) > 0);
  const shown = new Set([...withRows].sort((a, b) => weight(b) - weight(a)).slice(0, mostLong));
  const lines = withRows
    .filter((one) => shown.has(one))
    .flatMap(({ revision, release, tables }) => {
      const named = tables
        .filter(({ rows: n }) => n !== 0)
        .map(({ table, rows: n, exact }) => `${table} (${n === null ? 'not known' : rows(n, exact)})`);
      const more = named.length > 3 ? ` and ${count(named.length - 3, 'more table')}` : '';
      return wrapped(`  ${revision}  MLflow ${release}  ${named.slice(0, 3).join(', ')}${more}`, 4);
    });
  if (lines.length === 0) return [];
  const rest = withRows.length - shown.size;
  return [
    '',
    `${chalk.bold('ahead, and the longer the more rows')}${chalk.dim('; how long: mltrack db plan')}`,
    ...lines,
    ...(rest > 0 ? dim([`  ${rest} more with fewer rows`]) : []),
  ];
}

function users({ lock, transactions, others, hidden }: Status['sessions']): string[] {
  const list = (head: string, items: readonly string[]): string[] =>
    items.length === 0 ? [] : [head, ...items.flatMap((item) => wrapped(`  ${visible(item)}`, 4))];
  return [
    '',
    ...(lock === null
      ? ['no mltrack is at work here']
      : wrapped(visible(`mltrack is at work here: ${lock}`), 2).map((line) => chalk.yellow(line))),
    ...list(chalk.yellow('transactions that are open'), transactions),
    ...(transactions.length === 0 && hidden === null ? ['no open transaction holds a table of MLflow'] : []),
    ...list('connected', others),
    ...(hidden === null ? [] : dim(wrapped(visible(`not seen: ${hidden}`), 2))),
  ];
}

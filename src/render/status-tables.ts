import chalk from 'chalk';
import type { SizeOfTable, Status } from '../core/status.js';
import { visible } from './check/visible.js';
import { padEnd, widest } from './columns.js';
import { count } from './sentences.js';
import { bytes, rows } from './units.js';

/** Without --all-tables. */
const most = 10;

type Cells = readonly [string, string, string];

/** The tables with their rows and bytes, the biggest first, and the sum. */
export function tableLines({ tables, total }: Pick<Status, 'tables' | 'total'>, all: boolean): string[] {
  if (tables.length === 0) return [];
  const shown = all || tables.length <= most + 1 ? tables : tables.slice(0, most);
  const left = tables.slice(shown.length);
  const cells: Cells[] = [
    ...shown.map(cellsOf),
    ...(left.length > 0 ? [sumOf(left)] : []),
    ['total', rows(total.rows, total.exact), total.bytes === null ? '' : bytes(total.bytes)],
  ];
  const width = (place: 0 | 1 | 2): number => widest(cells.map((line) => line[place]));
  const lines = cells.map(([name, n, size]) =>
    `  ${padEnd(name, width(0))}  ${n.padStart(width(1))}  ${size.padStart(width(2))}`.trimEnd(),
  );
  const more = left.length > 0 ? '; --all-tables for all' : '';
  return [
    '',
    `${chalk.bold(count(tables.length, 'table'))}${chalk.dim(`: rows, bytes with indexes${more}`)}`,
    ...lines.slice(0, -1),
    chalk.bold(lines.at(-1)),
  ];
}

const cellsOf = ({ table, mlflow, rows: n, exact, bytes: size }: SizeOfTable): Cells => [
  mlflow ? table : `${visible(table)} (not MLflow’s)`,
  n === null ? 'not known' : rows(n, exact),
  size === null ? '' : bytes(size),
];

function sumOf(left: readonly SizeOfTable[]): Cells {
  const sum = (values: readonly (number | null)[]): number =>
    values.reduce<number>((all, value) => all + (value ?? 0), 0);
  const exact = left.every((one) => one.exact);
  const sizes = left.map((one) => one.bytes);
  return [
    `${left.length} more`,
    rows(sum(left.map((one) => one.rows)), exact),
    sizes.every((size) => size === null) ? '' : bytes(sum(sizes)),
  ];
}

import type { SizeOfTable } from '../../core/report-facts.js';
import { count } from '../sentences.js';
import { bytes, rows } from '../units.js';
import { type Html, html, type Part } from './html.js';
import { details, name, section, table } from './parts.js';

/** So many tables have a bar of their own; the rest share one. */
const most = 12;

export interface Bar {
  readonly label: Part;
  readonly value: number;
  /** The part of `value` that is marked. */
  readonly marked?: number;
  readonly cells: readonly string[];
}

/**
 * A bar chart as a table: the bars are pictures for the eye, the numbers beside them say the same to everybody. Bars are
 * linear; one that would be too short to see is a hair's breadth.
 */
export function barChart(caption: string, titles: readonly string[], bars: readonly Bar[]): Html {
  const longest = Math.max(...bars.map(({ value }) => value), 1);
  return html`<table class="chart"><caption>${caption}</caption><thead><tr><th scope="col">${titles[0]}</th><td class="bar"></td>${titles
    .slice(1)
    .map((title) => html`<th scope="col" class="number">${title}</th>`)}</tr></thead><tbody>${bars.map(
    ({ label, value, marked = 0, cells }) =>
      html`<tr><th scope="row">${label}</th><td class="bar">${drawn(value / longest, marked / longest)}</td>${cells.map(
        (cell, i) => html`<td class="number" data-label="${titles[i + 1]}">${cell}</td>`,
      )}</tr>\n`,
  )}</tbody></table>`;
}

const drawn = (share: number, marked: number): Html =>
  html`<svg viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="1000" height="10"/>${
    share > 0 && html`<rect class="fill" width="${wide(share)}" height="10"/>`
  }${marked > 0 && html`<rect class="marked" width="${wide(marked)}" height="10"/>`}</svg>`;

const wide = (share: number): number => Math.max(Math.round(share * 1000), 4);

/** The sizes of all tables: by bytes where the server tells them, else by rows. */
export function sizesSection(tables: readonly SizeOfTable[] | null): Part {
  if (tables === null) return section('Tables', html`<p>How big they are could not be read.</p>`);
  if (tables.length === 0) return section('Tables', html`<p>There are none yet.</p>`);
  const byBytes = tables.some((one) => one.bytes !== null);
  const weight = (one: SizeOfTable): number => (byBytes ? one.bytes : one.rows) ?? 0;
  const total = tables.reduce((sum, one) => sum + weight(one), 0);
  const sorted = [...tables].sort((a, b) => weight(b) - weight(a) || (b.rows ?? 0) - (a.rows ?? 0));
  const own = sorted.length <= most + 1 ? sorted : sorted.slice(0, most);
  const others = sorted.slice(own.length);
  const cellsOf = (one: Pick<SizeOfTable, 'rows' | 'exact' | 'bytes'>, value: number): string[] => [
    one.rows === null ? 'not known' : rows(one.rows, one.exact),
    ...(byBytes ? [one.bytes === null ? 'not known' : bytes(one.bytes)] : []),
    share(value, total),
  ];
  const bars: Bar[] = own.map((one) => ({
    label: labelOf(one),
    value: weight(one),
    cells: cellsOf(one, weight(one)),
  }));
  const rest = sumOf(others);
  const restWeight = (byBytes ? rest.bytes : rest.rows) ?? 0;
  if (others.length > 0)
    bars.push({ label: `${others.length} others`, value: restWeight, cells: cellsOf(rest, restWeight) });
  const all = sumOf(tables);
  const sum = `${count(tables.length, 'table')}, ${rows(all.rows ?? 0, all.exact)} rows${byBytes ? `, ${bytes(all.bytes ?? 0)} with indexes` : ''}`;
  const titles = ['Table', 'Rows', ...(byBytes ? ['Size'] : []), 'Share'];
  return section(
    'Tables',
    barChart(`${sum}; ~ is the server’s estimate`, titles, bars),
    others.length > 0 &&
      details(
        `the ${others.length} others`,
        table(
          'The others',
          titles.map((title, i) => (i === 0 ? { title } : { title, number: true })),
          others.map((one) => [labelOf(one), ...cellsOf(one, weight(one))]),
        ),
      ),
  );
}

const labelOf = ({ table, mlflow }: SizeOfTable): Html =>
  html`${name(table)}${!mlflow && html` <span class="dim">(not MLflow’s)</span>`}`;

function share(value: number, total: number): string {
  const percent = total === 0 ? 0 : (100 * value) / total;
  if (percent > 0 && percent < 0.1) return '<0.1 %';
  return `${percent.toFixed(1)} %`;
}

const sumOf = (tables: readonly SizeOfTable[]): Pick<SizeOfTable, 'rows' | 'exact' | 'bytes'> => ({
  rows: tables.reduce((sum, one) => sum + (one.rows ?? 0), 0),
  exact: tables.every(({ exact }) => exact),
  bytes: tables.reduce((sum, one) => sum + (one.bytes ?? 0), 0),
});

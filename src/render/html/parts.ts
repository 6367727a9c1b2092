import { type Html, html, type Part } from './html.js';

/** A name or a value of the database: it may be of any script, and long. */
export const name = (text: string): Html => html`<bdi class="name">${text}</bdi>`;

/** Facts in two columns; those without a value are left out. */
export const facts = (entries: readonly (readonly [string, Part])[]): Html =>
  html`<dl class="facts">${entries
    .filter(([, value]) => value !== null && value !== undefined && value !== false && value !== '')
    .map(([key, value]) => html`<div><dt>${key}</dt><dd>${value}</dd></div>`)}</dl>`;

/** Numbers to see first. */
export const tiles = (
  entries: readonly (readonly [string, string, ('bad' | 'attention' | undefined)?])[],
): Html =>
  html`<ul class="tiles">${entries.map(
    ([value, label, tone]) =>
      html`<li${tone ? html` class="${tone}"` : ''}><strong>${value}</strong> <span>${label}</span></li>`,
  )}</ul>`;

/** A section with its heading; nothing where there is nothing in it. */
export const section = (title: string, ...parts: readonly Part[]): Part =>
  parts.every((part) => !part || (Array.isArray(part) && part.length === 0))
    ? null
    : html`<section><h2>${title}</h2>${parts}</section>`;

export interface Column {
  readonly title: string;
  /** Numbers stand to the right. */
  readonly number?: true;
}

/** A table with its heading; as many rows as `most`, the rest is counted. */
export function table(
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly Part[])[],
  most = 2000,
): Html {
  const head = columns.map(({ title, number }) => html`<th scope="col"${numeric(number)}>${title}</th>`);
  const body = rows
    .slice(0, most)
    .map(
      (cells) =>
        html`<tr>${cells.map((cell, i) =>
          i === 0
            ? html`<th scope="row">${cell}</th>`
            : html`<td${numeric(columns[i]?.number)} data-label="${columns[i]?.title}">${cell}</td>`,
        )}</tr>\n`,
    );
  const rest =
    rows.length > most
      ? html`<p class="dim">… and ${(rows.length - most).toLocaleString('en')} more; --json lists all.</p>`
      : '';
  return html`<table><caption>${caption}</caption><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>${rest}`;
}

const numeric = (number: true | undefined): Part => (number ? html` class="number"` : '');

/** A list of sentences. */
export const list = (items: readonly Part[]): Part =>
  items.length === 0 ? null : html`<ul>${items.map((item) => html`<li>${item}</li>`)}</ul>`;

/** SQL, or other text whose lines count. */
export const code = (text: string): Html => html`<pre><code>${text.trim()}</code></pre>`;

/** What opens on demand; on paper it is open. */
export const details = (title: Part, body: Part): Html =>
  html`<details><summary>${title}</summary>${body}</details>`;

/** A word in a box, such as a severity. */
export const badge = (tone: string, word: string): Html => html`<span class="badge ${tone}">${word}</span>`;

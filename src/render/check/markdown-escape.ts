import { visible } from './visible.js';

/** Text that is to be read as it stands: no formatting, no HTML, no mention of a user or an issue. */
export const prose = (text: string): string =>
  visible(text)
    .replace(/[\\`*_{}[\]()<>#+!|~&$-]/g, '\\$&')
    // GitHub looks for mentions after the text was rendered, where no backslash is left.
    .replaceAll('@', '@<!-- -->');

/** Text as code, on one line, whatever backticks it holds; in a table also whatever bars. */
export function code(text: string, inTable = false): string {
  const shown = visible(text);
  const fence = '`'.repeat(longest(shown) + 1);
  const padded = /^`|`$|^ .* $/.test(shown) || shown === '' ? ` ${shown} ` : shown;
  const span = `${fence}${padded}${fence}`;
  return inTable ? span.replaceAll('|', '\\|') : span;
}

/** The lines of a block of SQL inside of a list. */
export function fenced(text: string, indent: string): string[] {
  const fence = '`'.repeat(Math.max(longest(text) + 1, 3));
  return [`${fence}sql`, ...visible(text, '\n\t').split('\n'), fence].map((line) => indent + line);
}

/** Of the runs of backticks. */
const longest = (text: string): number =>
  Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));

import { visible } from './check/visible.js';

/** Colours, as chalk writes them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape codes begin with one
const colour = /(\u001b\[[\d;]*m)/;

/**
 * The last guard of what is printed as text: no control character of a name in a database, of a driver's message or of
 * an option reaches the terminal, but for line breaks and colours. Where names are put into a line they are made
 * `visible` before, which leaves them no line break and no colour either.
 */
export const terminalSafe = (text: string): string =>
  text
    .split(colour)
    .map((part, i) => (i % 2 === 1 ? part : visible(part, '\n\t')))
    .join('');

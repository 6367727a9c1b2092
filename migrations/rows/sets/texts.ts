import type { SetWords } from '../../../src/schema/index.js';

/** Whether a column holds a text of U+0020 to U+007E alone, in which bytes, code units and characters are one. */
export const printable = (words: SetWords, column: string): string =>
  `(${words.isText(column)} AND ${words.only(words.text(column), ' -~')})`;

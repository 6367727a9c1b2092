import stringWidth from 'string-width';

/** How many columns of a terminal a text takes: two for CJK and emoji, none for combining marks. */
export const widthOf = (text: string): number => stringWidth(text);

/** The text, filled up with spaces to so many columns. */
export const padEnd = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(width - widthOf(text), 0));

/** The widest of some texts, in columns. */
export const widest = (texts: readonly string[]): number => Math.max(0, ...texts.map(widthOf));

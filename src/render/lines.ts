/**
 * Words in lines of at most `width` columns.
 *
 * @param before what stands before the first line, and before others
 * @param widthOf how many columns a text takes; the default, of plain letters, keeps help from loading `columns.ts`
 */
export function linesOf(
  words: readonly string[],
  width: number,
  [first, further]: readonly [first: string, further: string],
  widthOf = ({ length }: string): number => length,
): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    if (line === '') line = `${first}${word}`;
    else if (widthOf(line) + 1 + widthOf(word) <= width) line += ` ${word}`;
    else {
      lines.push(line);
      line = `${further}${word}`;
    }
  }
  return [...lines, line];
}

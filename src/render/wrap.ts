const columns = 80;

/** The words of a text in lines of at most 80 columns; those after the first are indented by `indent` spaces. */
export function wrapped(text: string, indent: number): string[] {
  const lines: string[] = [];
  const [lead = ''] = /^ */.exec(text) ?? [];
  let line = '';
  for (const word of text.trim().split(' ')) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = `${' '.repeat(indent)}${word}`;
    } else line = line === '' ? `${lead}${word}` : `${line} ${word}`;
  }
  return [...lines, line];
}

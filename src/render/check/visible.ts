/**
 * Text with its control characters written out (`\n`, `\u001b`), so that a name in a database cannot move a cursor,
 * colour a terminal or begin a line. `keep` names those that stay.
 */
export const visible = (text: string, keep = ''): string =>
  text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, (character) =>
    keep.includes(character) ? character : (short[character] ?? written(character)),
  );

const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

const written = (character: string): string =>
  `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;

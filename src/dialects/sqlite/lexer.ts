/** A token of a CREATE statement; `start`/`end` are offsets into its text. */
export interface Token {
  readonly kind: 'word' | 'name' | 'string' | 'number' | 'punctuation';
  /** Upper-case for words, unquoted for names. */
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

const patterns: readonly (readonly [Token['kind'] | 'skip', RegExp])[] = [
  ['skip', /\s+|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y],
  ['string', /[xX]?'(?:[^']|'')*'/y],
  ['name', /"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]/y],
  ['number', /0[xX][\da-fA-F_]+|(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?/y],
  ['word', /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y],
  ['punctuation', /[^\s]/y],
];

/** Splits SQLite DDL into tokens (https://www.sqlite.org/lang_keywords.html for the four ways to quote a name). */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < sql.length) {
    for (const [kind, pattern] of patterns) {
      pattern.lastIndex = at;
      const text = pattern.exec(sql)?.[0];
      if (text === undefined) continue;
      const end = at + text.length;
      if (kind !== 'skip') tokens.push({ kind, value: tokenValue(kind, text), start: at, end });
      at = end;
      break;
    }
  }
  return tokens;
}

function tokenValue(kind: Token['kind'], text: string): string {
  if (kind === 'word') return text.toUpperCase();
  if (kind !== 'name') return text;
  const quote = text[0] as string;
  const inner = text.slice(1, -1);
  return quote === '[' ? inner : inner.replaceAll(quote + quote, quote);
}

/** The name a token stands for: a word keeps its own case. */
export const nameOf = (token: Token, sql: string): string =>
  token.kind === 'word' ? sql.slice(token.start, token.end) : stringOrName(token);

/** SQLite also takes 'single quotes' where a name is meant. */
const stringOrName = (token: Token): string =>
  token.kind === 'string' ? token.value.slice(1, -1).replaceAll("''", "'") : token.value;

import { nameOf, type Token, tokenize } from './lexer.js';

/** Reads tokens one after another; what it does not understand it refuses, so that nothing is lost unseen. */
export class Cursor {
  private at = 0;
  readonly tokens: readonly Token[];

  constructor(
    readonly sql: string,
    tokens?: readonly Token[],
  ) {
    this.tokens = tokens ?? tokenize(sql);
  }

  get done(): boolean {
    return this.at >= this.tokens.length;
  }

  peek(offset = 0): Token | undefined {
    return this.tokens[this.at + offset];
  }

  next(): Token {
    const token = this.tokens[this.at];
    if (!token) throw new Error(`unexpected end of ${this.sql}`);
    this.at++;
    return token;
  }

  /** Whether the words come next (not quoted names). */
  sees(...words: string[]): boolean {
    return words.every((word, i) => {
      const token = this.peek(i);
      return (
        token !== undefined && (token.kind === 'word' || token.kind === 'punctuation') && token.value === word
      );
    });
  }

  /** Takes the words if they come next. */
  take(...words: string[]): boolean {
    if (!this.sees(...words)) return false;
    this.at += words.length;
    return true;
  }

  expect(...words: string[]): void {
    if (!this.take(...words)) throw new Error(`expected ${words.join(' ')} at ${this.rest().slice(0, 40)}`);
  }

  name(): string {
    return nameOf(this.next(), this.sql);
  }

  /** The tokens inside the parenthesis that comes next. */
  group(): Token[] {
    this.expect('(');
    const from = this.at;
    for (let depth = 1; depth > 0; ) {
      const token = this.next();
      if (token.kind !== 'punctuation') continue;
      if (token.value === '(') depth++;
      if (token.value === ')') depth--;
    }
    return this.tokens.slice(from, this.at - 1);
  }

  /** The text inside the parenthesis that comes next. */
  groupText(): string {
    return this.textOf(this.group());
  }

  textOf(tokens: readonly Token[]): string {
    const [first, last] = [tokens[0], tokens.at(-1)];
    return first && last ? this.sql.slice(first.start, last.end) : '';
  }

  rest(): string {
    const token = this.peek();
    return token ? this.sql.slice(token.start) : '';
  }
}

/** Splits tokens at the commas that stand outside every parenthesis. */
export function splitAtCommas(tokens: readonly Token[]): Token[][] {
  const parts: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (token.kind === 'punctuation') {
      if (token.value === '(') depth++;
      else if (token.value === ')') depth--;
      else if (token.value === ',' && depth === 0) {
        parts.push([]);
        continue;
      }
    }
    parts.at(-1)?.push(token);
  }
  return parts;
}

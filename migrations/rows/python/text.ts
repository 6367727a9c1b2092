/**
 * Python's rules for text, where JavaScript has others. Both sides are as Unicode 14 has them, the version of
 * CPython 3.11; a character that is younger is left alone whatever Node's ICU knows about it.
 */

/** `str.isspace` of one UTF-16 unit: unlike `trim()` it holds U+001C-U+001F and U+0085, and not U+FEFF. */
export function isSpace(unit: number): boolean {
  if (unit <= 0x20) return unit === 0x20 || (unit >= 0x09 && unit <= 0x0d) || (unit >= 0x1c && unit <= 0x1f);
  if (unit < 0x85) return false;
  return (
    unit === 0x85 ||
    unit === 0xa0 ||
    unit === 0x1680 ||
    (unit >= 0x2000 && unit <= 0x200a) ||
    unit === 0x2028 ||
    unit === 0x2029 ||
    unit === 0x202f ||
    unit === 0x205f ||
    unit === 0x3000
  );
}

/** `str.strip()`. */
export function strip(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

/** Letters with a lower case that Unicode gained after version 14. */
const YOUNGER_CAPITALS =
  /([\u1c89\ua7cb\ua7cc\ua7ce\ua7d2\ua7d4\ua7da\ua7dc\u{10d50}-\u{10d65}\u{16ea0}-\u{16eb8}])/u;

/**
 * `str.lower()`: the full mapping of Unicode (`İ` becomes two characters, a final `Σ` becomes `ς`), in no
 * language. A younger capital is no letter yet, so that it also ends the word before it.
 */
export function lower(text: string): string {
  return text
    .split(YOUNGER_CAPITALS)
    .map((part, i) => (i % 2 === 0 ? part.toLowerCase() : part))
    .join('');
}

/** `len(text)`: code points, a lone surrogate counting as one. */
export function codePointLength(text: string): number {
  let length = 0;
  for (let at = 0; at < text.length; at += width(text, at)) length++;
  return length;
}

/** `text[:count]`. */
export function firstCodePoints(text: string, count: number): string {
  if (text.length <= count) return text;
  let at = 0;
  for (let taken = 0; taken < count && at < text.length; taken++) at += width(text, at);
  return text.slice(0, at);
}

/** Whether `text` cannot be encoded as UTF-8: `str.encode()` raises UnicodeEncodeError. */
export const hasLoneSurrogate = (text: string): boolean => /\p{Surrogate}/u.test(text);

const width = (text: string, at: number): number => (text.codePointAt(at)! > 0xffff ? 2 : 1);

/** The zeros of Unicode 14's decimal digits; nine more digits follow each (`str.isdecimal`). */
const ZEROS = [
  0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0,
  0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50,
  0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0, 0x10d30, 0x11066, 0x110f0, 0x11136,
  0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x11730, 0x118e0, 0x11950, 0x11c50, 0x11d50, 0x11da0,
  0x16a60, 0x16ac0, 0x16b50, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e950, 0x1fbf0,
];

/**
 * The text of a number in ASCII, as `float()` and `Decimal()` read it: decimal digits of every script become 0-9 and
 * whitespace outside ASCII a space. Null where another character stands, which no number may hold.
 */
export function asciiNumber(text: string): string | null {
  let ascii = '';
  for (const character of text) {
    const point = character.codePointAt(0)!;
    if (point < 0x7f) ascii += character;
    else if (isSpace(point)) ascii += ' ';
    else {
      const zero = ZEROS.find((first) => point >= first && point < first + 10);
      if (zero === undefined) return null;
      ascii += String(point - zero);
    }
  }
  return ascii;
}

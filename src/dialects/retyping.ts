import type { Column } from '../schema/table.js';

/** A type as far as it matters for what fits into it. */
export type Family =
  | { readonly kind: 'text'; readonly characters: number | null; readonly bytes: number | null }
  | { readonly kind: 'integer'; readonly low: string; readonly high: string }
  /** Bits of the significand: integers up to 2^bits and as many digits fit. */
  | { readonly kind: 'float'; readonly bits: 24 | 53 }
  /** Exact, with any number of digits. */
  | { readonly kind: 'decimal' }
  | { readonly kind: 'json' }
  | { readonly kind: 'other' };

/** How a server says what the conditions need. */
export interface Words {
  family(column: Column): Family;
  characters(name: string): string;
  bytes(name: string): string;
  /** Whether a text is an integer, written as the server would write it, of at most 18 digits. */
  isInteger(name: string): string;
  /** Whether a text is a decimal number of at most 15 digits without an exponent. */
  isDecimal(name: string): string;
  /** Whether a text is JSON; null where the server refuses what is not. */
  isJson(name: string): string | null;
  asText(name: string): string;
  asInteger(name: string): string;
}

const integer = (low: string, high: string): Family => ({ kind: 'integer', low, high });

/** The families that all servers spell alike; `bytes` of text are MySQL's. */
export function familyOf(type: string): Family {
  const text = type.toLowerCase();
  const sized = /^(?:n?varchar|character varying|n?char|character)\s*\((\d+)\)/.exec(text)?.[1];
  if (sized) return { kind: 'text', characters: Number(sized), bytes: null };
  if (/^(n?varchar|character varying|n?char|character|text|ntext|clob|longtext)\b/.test(text))
    return { kind: 'text', characters: null, bytes: null };
  if (/^(boolean|bool|bit|tinyint\(1\))$/.test(text)) return integer('0', '1');
  if (/^smallint\b/.test(text)) return integer('-32768', '32767');
  if (/^(int|integer)\b(?!.*unsigned)/.test(text)) return integer('-2147483648', '2147483647');
  if (/^bigint\b(?!.*unsigned)/.test(text)) return integer('-9223372036854775808', '9223372036854775807');
  if (/^(double|double precision|float8)\b/.test(text)) return { kind: 'float', bits: 53 };
  if (/^real\b/.test(text)) return { kind: 'float', bits: 24 };
  if (/^(numeric|decimal)\b/.test(text)) return { kind: 'decimal' };
  if (/^jsonb?$/.test(text)) return { kind: 'json' };
  return { kind: 'other' };
}

/**
 * Which rows would have another value after a change of type. What cannot be told counts as changed, as soon as there
 * is a value.
 */
export function changedBy(words: Words) {
  return (name: string, from: Column, to: Column): string | null => {
    const [old, now] = [words.family(from), words.family(to)];
    const any = `${name} IS NOT NULL`;
    switch (`${old.kind} ${now.kind}`) {
      case 'text text':
        return tooLong(words, name, old, now);
      case 'json text':
        return tooLong(words, words.asText(name), old, now);
      case 'integer text':
        return now.kind === 'text' && (now.characters ?? 20) < 20
          ? tooLong(words, words.asText(name), old, now)
          : null;
      case 'text json':
        return without(words.isJson(name));
      case 'integer integer':
        return outside(name, old, now);
      case 'text integer':
        return now.kind === 'integer'
          ? `CASE WHEN ${words.isInteger(name)} THEN CASE WHEN ${words.asInteger(name)} NOT BETWEEN ${now.low} AND ${now.high} THEN 1 ELSE 0 END WHEN ${name} IS NULL THEN 0 ELSE 1 END = 1`
          : any;
      case 'text float':
        return now.kind === 'float' && now.bits === 53
          ? `CASE WHEN ${words.isDecimal(name)} OR ${name} IS NULL THEN 0 ELSE 1 END = 1`
          : any;
      case 'integer float':
        return now.kind === 'float' ? `ABS(${name}) > ${2 ** now.bits}` : any;
      case 'float integer':
        // A double does not hold every bigint near the limits, so they are not gone near.
        return now.kind === 'integer'
          ? `(${name} <> FLOOR(${name}) OR ${name} NOT BETWEEN ${limit(now.low)} AND ${limit(now.high)})`
          : any;
      case 'decimal integer':
        return now.kind === 'integer'
          ? `(${name} <> FLOOR(${name}) OR ${name} NOT BETWEEN ${now.low} AND ${now.high})`
          : any;
      case 'float float':
        // Four bytes hold 24 bits: what has no more for certain passes.
        return old.kind === 'float' && now.kind === 'float' && now.bits < old.bits
          ? `(ABS(${name}) > 16384 OR ${name} * 1024 <> FLOOR(${name} * 1024))`
          : null;
      case 'json json':
        return null;
      default:
        return any;
    }
  };
}

const limit = (bound: string): string =>
  bound.length > 16 ? `${bound.startsWith('-') ? '-' : ''}9007199254740992` : bound;

const without = (condition: string | null): string | null =>
  condition === null ? null : `NOT (${condition})`;

function tooLong(words: Words, name: string, old: Family, now: Family): string | null {
  if (now.kind !== 'text') return null;
  const before = old.kind === 'text' ? old : { characters: null, bytes: null };
  const conditions = [
    now.characters !== null && (before.characters === null || before.characters > now.characters)
      ? `${words.characters(name)} > ${now.characters}`
      : null,
    // A character has at most four bytes.
    now.bytes !== null &&
    (before.characters ?? Number.POSITIVE_INFINITY) * 4 > now.bytes &&
    (before.bytes ?? Number.POSITIVE_INFINITY) > now.bytes
      ? `${words.bytes(name)} > ${now.bytes}`
      : null,
  ].filter((condition) => condition !== null);
  return conditions.length === 0 ? null : `(${conditions.join(' OR ')})`;
}

function outside(name: string, old: Family, now: Family): string | null {
  if (old.kind !== 'integer' || now.kind !== 'integer') return null;
  const fits = BigInt(old.low) >= BigInt(now.low) && BigInt(old.high) <= BigInt(now.high);
  return fits ? null : `${name} NOT BETWEEN ${now.low} AND ${now.high}`;
}

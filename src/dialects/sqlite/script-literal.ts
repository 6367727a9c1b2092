import { literalText } from './quote.js';

/** A value as SQL that every SQLite and its shell read back as it is. */
export function literal(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return Number.isSafeInteger(value) ? whole(value) : real(value);
  if (value instanceof Uint8Array) return `X'${Buffer.from(value).toString('hex')}'`;
  return text(String(value));
}

const whole = (value: number): string => (Object.is(value, -0) ? '-0.0' : String(value));

/**
 * Control characters by their numbers, 100 arguments at most: SQL ends at U+0000, and the shell takes "\r" from the
 * ends of lines. The parts are joined pairwise, because expressions may be 1000 deep at most.
 */
function text(value: string): string {
  const parts = value.match(/\p{Cc}{1,100}|\P{Cc}+/gu) ?? [];
  if (parts.length === 0) return "''";
  return joined(parts.map((part) => (/\p{Cc}/u.test(part) ? characters(part) : literalText(part))));
}

const characters = (part: string): string =>
  `char(${[...part].map((character) => character.charCodeAt(0)).join(', ')})`;

function joined(parts: readonly string[]): string {
  if (parts.length === 1) return parts[0] as string;
  const middle = Math.ceil(parts.length / 2);
  return `(${joined(parts.slice(0, middle))} || ${joined(parts.slice(middle))})`;
}

/** The greatest power of two that is an integer of SQLite's. */
const step = 62;

/**
 * A double by integers and powers of two, which are exact: some versions of SQLite do not round the last digit of a
 * decimal number correctly. The decimal number stands beside it for people.
 */
function real(value: number): string {
  if (Number.isNaN(value)) return 'NULL';
  if (!Number.isFinite(value)) return value > 0 ? '9e999' : '-9e999';
  let [mantissa, exponent] = [value, 0];
  while (!Number.isInteger(mantissa)) [mantissa, exponent] = [mantissa * 2, exponent - 1];
  while (!Number.isSafeInteger(mantissa)) [mantissa, exponent] = [mantissa / 2, exponent + 1];
  const operator = exponent < 0 ? '/' : '*';
  let sql = `CAST(${mantissa} AS REAL)`;
  for (let left = Math.abs(exponent); left > 0; left -= step)
    sql += ` ${operator} ${2n ** BigInt(Math.min(left, step))}`;
  return `(${sql} /* ${value} */)`;
}

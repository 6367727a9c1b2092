import type { PythonJson } from './json.js';
import { asciiNumber } from './text.js';

/**
 * `float(value)`, or null where it raises (TypeError, ValueError, OverflowError) or `value` is None or a bool, which
 * MLflow excludes before it calls.
 */
export function toFloat(value: PythonJson): number | null {
  if (typeof value === 'number') return value;
  if (typeof value === 'string') return floatOfText(value);
  if (typeof value !== 'bigint') return null;
  // Rounds half to even, as Python does; Python raises OverflowError where JavaScript gives an infinity.
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

/** `float(value)` where it is finite, else null. */
export function finiteFloat(value: PythonJson): number | null {
  const number = toFloat(value);
  return number !== null && Number.isFinite(number) ? number : null;
}

/**
 * `float(text)`: digits of every script, single underscores between digits, whitespace around. Only the C library's
 * whitespace is stripped, so U+001C-U+001F are refused although `str.strip` takes them off.
 */
function floatOfText(text: string): number | null {
  const ascii = asciiNumber(text);
  if (ascii === null) return null;
  const bare = ascii.replace(/^[\t-\r ]+|[\t-\r ]+$/g, '');
  if (/^[+-]?nan$/i.test(bare)) return Number.NaN;
  const infinite = /^([+-]?)inf(?:inity)?$/i.exec(bare);
  if (infinite) return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (/(?<!\d)_|_(?!\d)/.test(bare)) return null;
  const plain = bare.replaceAll('_', '');
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(plain) ? Number(plain) : null;
}

/** `float("%.10f" % value)`: ten decimals of the exact value, halves to the even digit. */
export function tenDecimals(value: number): number {
  if (!Number.isFinite(value)) return value;
  const rounded = Number(value.toFixed(10));
  // toFixed rounds halves up in magnitude; a half has exactly eleven decimals.
  const digits = Math.abs(value) < 1e21 ? value.toFixed(60) : '';
  if (!/\.\d{10}50+$/.test(digits))
    return Object.is(value, -0) || (rounded === 0 && value < 0) ? -0 : rounded;
  const cut = digits.slice(0, digits.indexOf('.') + 11);
  return Number(cut.at(-1)) % 2 === 0 ? Number(cut) : rounded;
}

import type { PythonJson } from './json.js';
import { asciiNumber, strip } from './text.js';

/** The exponents that CPython's decimal gives a zero (MAX_EMAX, and MIN_EMIN less the greatest precision). */
const ZERO_EXPONENT = { min: -1_999_999_999_999_999_997n, max: 999_999_999_999_999_999n };

/** Digits of the greatest 64-bit integer. */
const BIGINT_DIGITS = 19n;

/**
 * `Decimal(str(value))` where that is a whole number of at most 19 digits, exactly; else null. None, bools, lists and
 * dicts are no numbers.
 *
 * The text of a float has the fewest digits that give it back, in Python and in JavaScript alike, so that
 * 1.2345678901234567e+18 is 1234567890123456700 and not the float's own value.
 */
export function wholeDecimal(value: PythonJson): bigint | null {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return wholeDecimalOfText(String(value));
  return typeof value === 'string' ? wholeDecimalOfText(value) : null;
}

/**
 * `Decimal(text)`: Unicode whitespace around, digits of every script, underscores anywhere. NaN and Infinity are no
 * whole numbers, and so are not read.
 */
function wholeDecimalOfText(text: string): bigint | null {
  const ascii = asciiNumber(strip(text).replaceAll('_', ''));
  const match =
    ascii === null ? null : /^([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:[eE]([+-]?\d+))?$/.exec(ascii);
  if (!match) return null;
  const [, sign, whole = '', fraction = match[4] ?? '', , exponentText = '0'] = match;
  const digits = (whole + fraction).replace(/^0+/, '');
  const exponent = BigInt(exponentText.replace(/^\+/, '')) - BigInt(fraction.length);
  if (digits === '') return exponent >= ZERO_EXPONENT.min && exponent <= ZERO_EXPONENT.max ? 0n : null;

  const significant = digits.replace(/0+$/, '');
  const scale = exponent + BigInt(digits.length - significant.length);
  if (scale < 0n || scale + BigInt(significant.length) > BIGINT_DIGITS) return null;
  const magnitude = BigInt(significant) * 10n ** scale;
  return sign === '-' ? -magnitude : magnitude;
}

import type { RowContext, SetWords } from '../../../src/schema/index.js';
import type { Level } from './levels.js';

/** A text that is a number on the server and in Python alike: whether it is one, and which. */
export interface NumberText {
  readonly levels: readonly Level[];
  readonly plain: string;
  readonly value: string;
}

type Words = Pick<RowContext, 'characters'>;

/** A whole number of JSON's without a sign and with at most 15 digits, which every double holds. */
export function wholeNumber({ characters }: Words, words: SetWords, text: string): NumberText {
  return {
    levels: [],
    plain:
      `(${words.only(text, '0-9')} AND ${characters(text)} BETWEEN 1 AND 15` +
      ` AND (${text} = '0' OR SUBSTR(${text}, 1, 1) <> '0'))`,
    value: words.bigint(text),
  };
}

/** Powers of ten up to this one are doubles, and so are integers up to 2^53: their quotient is rounded once. */
const GREATEST_POWER = 22;

/**
 * A number of JSON's as Python writes floats from 1e-99 to 1e15, without a sign: `12`, `0.12`, `1.2e-05`. Its double is
 * the nearest, either by the server's own conversion, where that is known to be, or as the quotient of two integers
 * that doubles hold exactly, which IEEE 754 rounds to the nearest.
 *
 * @param name of a column that holds the text; further columns are named after it
 */
export function decimalNumber(context: Words, words: SetWords, name: string): NumberText {
  const { characters } = context;
  const [e, dot, mantissa, exponent, digits, scale] = ['e', 'dot', 'm', 'x', 'd', 's'].map(
    (part) => `${name}_${part}`,
  ) as [string, string, string, string, string, string];
  const whole = wholeNumber(context, words, name);
  const hasOneDot = `${characters(digits)} = ${characters(mantissa)} - 1 AND ${characters(mantissa)} > ${dot}`;
  const fixed = `(${e} = 0 AND ${dot} >= 2 AND ${hasOneDot} AND (${dot} = 2 OR SUBSTR(${name}, 1, 1) <> '0'))`;
  // A single character is a digit only where it is not the dot that `digits` leaves out.
  const scientific =
    `(${e} > 1 AND ${characters(name)} = ${e} + 3 AND ${words.only(exponent, '0-9')}` +
    ` AND ((${dot} = 0 AND ${characters(mantissa)} = 1) OR (${dot} = 2 AND ${hasOneDot})))`;
  const grammar = `(${characters(name)} <= 30 AND ${words.only(digits, '0-9')} AND (${fixed} OR ${scientific}))`;
  // A cast of anything but digits is an error on some servers, and AND keeps no order.
  const exact =
    `(${scale} <= ${GREATEST_POWER} AND CASE WHEN ${characters(digits)} BETWEEN 1 AND 18` +
    ` AND ${words.only(digits, '0-9')} THEN ${words.bigint(digits)} ELSE ${Number.MAX_SAFE_INTEGER} + 2 END <= ${2 ** 53})`;
  const parsed = words.parse?.(name);
  return {
    levels: [
      { [e]: words.position("'e-'", name), [dot]: words.position("'.'", name) },
      {
        [mantissa]: `CASE WHEN ${e} > 1 THEN SUBSTR(${name}, 1, ${e} - 1) ELSE ${name} END`,
        [exponent]: `CASE WHEN ${e} > 1 THEN SUBSTR(${name}, ${e} + 2) ELSE '0' END`,
      },
      { [digits]: `REPLACE(${mantissa}, '.', '')` },
      ...(parsed === undefined ? [{ [scale]: scaleOf(context, words, { mantissa, dot, exponent }) }] : []),
    ],
    plain: `(${whole.plain} OR (${grammar}${parsed === undefined ? ` AND ${exact}` : ''}))`,
    value:
      `CASE WHEN ${whole.plain} THEN ${words.double(whole.value)} ELSE ` +
      `${parsed ?? `${words.double(words.bigint(digits))} / ${power(words, scale)}`} END`,
  };
}

/** By which power of ten the digits are divided; beyond all bounds where the exponent is no number. */
const scaleOf = (
  { characters }: Words,
  words: SetWords,
  { mantissa, dot, exponent }: { mantissa: string; dot: string; exponent: string },
): string =>
  `CASE WHEN ${words.only(exponent, '0-9')} AND ${characters(exponent)} BETWEEN 1 AND 2 THEN ${words.bigint(exponent)} ELSE 999 END` +
  ` + CASE WHEN ${dot} > 0 THEN ${characters(mantissa)} - ${dot} ELSE 0 END`;

/** 10^0 to 10^22 as doubles: integers of 64 bits up to 10^18, times up to 10^4; all of them exact. */
const power = (words: SetWords, scale: string): string => {
  const upTo = (most: number, exponent: string) =>
    words.double(words.bigint(`SUBSTR('1${'0'.repeat(most)}', 1, ${exponent} + 1)`));
  return (
    `(${upTo(18, `CASE WHEN ${scale} > 18 THEN 18 ELSE ${scale} END`)}` +
    ` * ${upTo(4, `CASE WHEN ${scale} > 18 THEN ${scale} - 18 ELSE 0 END`)})`
  );
};

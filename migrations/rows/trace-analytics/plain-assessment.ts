import type { RowContext, SetWords } from '../../../src/schema/index.js';
import type { Level } from '../sets/levels.js';
import { decimalNumber } from '../sets/numbers.js';
import { printable } from '../sets/texts.js';

/**
 * What is summed up of an assessment's value where it is nothing, null, true, false, a number without a sign, a JSON
 * text of ASCII without an escape, or yes or no without quotation marks. In ASCII that can be printed the space is
 * all the whitespace there is, and LOWER what `str.lower` is.
 *
 * @param name of the column that holds the value; further columns are named after it
 */
export function plainAssessment(
  context: Pick<RowContext, 'characters'>,
  words: SetWords,
  name: string,
): { levels: readonly Level[]; plain: string; aggregate: string; numeric: string } {
  const { characters } = context;
  const [text, inner, word] = [`${name}_t`, `${name}_i`, `${name}_w`];
  const number = decimalNumber(context, words, text);
  const quoted =
    `${characters(text)} >= 2 AND SUBSTR(${text}, 1, 1) = '"' AND SUBSTR(${text}, ${characters(text)}, 1) = '"'` +
    ` AND ${characters(`REPLACE(${text}, '"', '')`)} = ${characters(text)} - 2` +
    ` AND ${words.position(words.backslash, text)} = 0`;
  const answer = `LOWER(TRIM(${inner}))`;
  const [first, second, ...rest] = number.levels;
  return {
    levels: [
      { [text]: words.text(name) },
      {
        ...first,
        [inner]: `CASE WHEN ${quoted} THEN SUBSTR(${text}, 2, ${characters(text)} - 2) END`,
      },
      {
        ...second,
        [word]: `CASE WHEN ${inner} IS NOT NULL THEN ${answer} WHEN LOWER(TRIM(${text})) IN ('yes', 'no') THEN LOWER(TRIM(${text})) END`,
      },
      ...rest,
    ],
    plain:
      `(${name} IS NULL OR (${printable(words, name)}` +
      ` AND (${text} IN ('null', 'true', 'false') OR ${word} IS NOT NULL OR ${number.plain})))`,
    aggregate:
      `CASE WHEN ${text} = 'true' OR ${word} = 'yes' THEN ${words.double('1')}` +
      ` WHEN ${text} = 'false' OR ${word} = 'no' THEN ${words.double('0')}` +
      ` WHEN ${word} IS NULL AND ${number.plain} THEN ${number.value} END`,
    numeric: `CASE WHEN ${word} IS NULL AND ${number.plain} THEN TRUE ELSE FALSE END`,
  };
}

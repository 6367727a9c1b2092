import type { RowContext, SetWords } from '../../../src/schema/index.js';
import { beside, type Level } from './levels.js';
import { decimalNumber, type NumberText, wholeNumber } from './numbers.js';

/** A JSON object of numbers: whether a text is one that server and Python read alike, and the number of each key. */
export interface NumbersObject {
  readonly levels: readonly Level[];
  readonly plain: string;
  /** NULL where the key is missing. */
  readonly value: (key: string) => string;
}

/**
 * A JSON object as MLflow writes it: some of the known keys, in their order, once each, with plain numbers, and at
 * most one space after each colon and comma.
 *
 * The proof is that the text is written again from the numbers found in it: where that gives the same text, spaces
 * aside, its grammar is known, and nothing hangs on how the numbers were found. A space that is left out stood behind
 * a key's colon or before a key, so in no text of its own.
 *
 * @param name of the column that holds the text; further columns are named after it
 * @param kind of numbers
 */
export function numbersObject(
  context: Pick<RowContext, 'characters'>,
  words: SetWords,
  name: string,
  keys: readonly string[],
  kind: 'whole' | 'decimal',
): NumbersObject {
  const [bare, commas] = [`${name}_n`, `${name}_c`];
  const found = (key: string): string => `${name}_${keys.indexOf(key)}`;
  const numbers = new Map(
    keys.map((key): [string, NumberText] => [
      key,
      kind === 'whole' ? wholeNumber(context, words, found(key)) : decimalNumber(context, words, found(key)),
    ]),
  );
  const numberOf = (key: string): NumberText => numbers.get(key) as NumberText;
  const again = keys.map(
    (key) => `CASE WHEN ${found(key)} IS NULL THEN '' ELSE ${words.concat(`',"${key}":'`, found(key))} END`,
  );
  const same = `${bare} = ${words.concat("'{'", `SUBSTR(${words.concat(...again)}, 2)`, "'}'")}`;
  const all = keys.map((key) => `(${found(key)} IS NULL OR ${numberOf(key).plain})`);
  return {
    levels: [
      { [bare]: `REPLACE(REPLACE(${words.text(name)}, '": ', '":'), ', "', ',"')` },
      { [commas]: words.concat(`REPLACE(${bare}, '}', ',')`, "','") },
      Object.fromEntries(keys.map((key) => [found(key), after(words, key, bare, commas)])),
      ...beside(...keys.map((key) => numberOf(key).levels)),
    ],
    plain: `(${name} IS NULL OR (${words.isText(name)} AND ${same} AND ${all.join(' AND ')}))`,
    value: (key) =>
      `CASE WHEN ${found(key)} IS NOT NULL AND ${numberOf(key).plain} THEN ${numberOf(key).value} END`,
  };
}

/** What stands between the first mention of a key and the next comma. */
function after(words: SetWords, key: string, bare: string, commas: string): string {
  const mark = `"${key}":`;
  const place = words.position(`'${mark}'`, bare);
  const rest = `SUBSTR(${commas}, ${place} + ${mark.length})`;
  return `CASE WHEN ${place} > 0 THEN SUBSTR(${rest}, 1, ${words.position("','", rest)} - 1) END`;
}

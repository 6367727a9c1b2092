import type { Row, RowContext, SetWords } from '../../../src/schema/index.js';
import type { Level } from '../sets/levels.js';
import { allOdd } from '../sets/read.js';
import { printable } from '../sets/texts.js';
import { MODEL_ATTRIBUTE, MODEL_LENGTH, PROVIDER_ATTRIBUTE } from './names.js';

/**
 * Dimension attributes as MLflow and MySQL write them: an object with the model, the provider or both, in either
 * order, of ASCII without an escape. As in `numbersObject` the proof is that the text is written again from what was
 * found in it; up to the next quotation mark no text holds one.
 *
 * @param name of the column that holds the JSON's text; further columns are named after it
 */
export function plainDimensions(
  { characters }: Pick<RowContext, 'characters'>,
  words: SetWords,
  name: string,
): { levels: readonly Level[]; plain: string; model: string; provider: string } {
  const [text, model, provider] = [`${name}_t`, `${name}_m`, `${name}_p`];
  const found = (key: string): string => {
    const mark = `"${key}": "`;
    const place = words.position(`'${mark}'`, text);
    const rest = `SUBSTR(${words.concat(text, `'"'`)}, ${place} + ${mark.length})`;
    return `CASE WHEN ${place} > 0 THEN SUBSTR(${rest}, 1, ${words.position(`'"'`, rest)} - 1) END`;
  };
  const [m, p] = [MODEL_ATTRIBUTE, PROVIDER_ATTRIBUTE];
  const written = [
    `${text} IN ('null', '{}')`,
    `${text} = ${words.concat(`'{"${m}": "'`, model, `'"}'`)}`,
    `${text} = ${words.concat(`'{"${p}": "'`, provider, `'"}'`)}`,
    `${text} = ${words.concat(`'{"${m}": "'`, model, `'", "${p}": "'`, provider, `'"}'`)}`,
    `${text} = ${words.concat(`'{"${p}": "'`, provider, `'", "${m}": "'`, model, `'"}'`)}`,
  ];
  const within = [model, provider].map((one) => `(${one} IS NULL OR ${characters(one)} <= ${MODEL_LENGTH})`);
  const plain = [
    printable(words, name),
    `${words.position(words.backslash, text)} = 0`,
    `(${written.join(' OR ')})`,
    ...within,
  ].join(' AND ');
  return {
    levels: [{ [text]: words.text(name) }, { [model]: found(m), [provider]: found(p) }],
    plain: `(${name} IS NULL OR (${plain}))`,
    model,
    provider,
  };
}

/** The spans, in pages, whose dimension attributes say more than `plainDimensions` reads, as `source_dimensions`. */
export async function* oddDimensions(context: RowContext): AsyncGenerator<Row[]> {
  // Spans are older than the column (c8d9e0f1a2b3), and outlive it.
  if (!(await context.columnsOf('spans')).includes('dimension_attributes')) return;
  const of = 'source_dimensions';
  const reading = {
    table: 'spans',
    key: ['trace_id', 'span_id'],
    filled: [],
    sources: { [of]: { value: context.jsonText('t.dimension_attributes') } },
    joins: () => [],
  };
  yield* allOdd(context, reading, (words) => [{ of, ...plainDimensions(context, words, of) }]);
}

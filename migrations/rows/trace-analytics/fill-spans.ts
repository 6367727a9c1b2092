import type { BoundColumn, Row, RowContext, SetWords } from '../../../src/schema/index.js';
import type { KeyRange } from '../ranges.js';
import { fill, type InSets } from '../sets/fill.js';
import { COST_COLUMNS, MODEL_LENGTH } from './names.js';
import { plainDimensions } from './plain-dimensions.js';
import { plainCostMetric } from './plain-metrics.js';
import { spanCost, spanModel } from './span-values.js';

/** The columns it fills. */
export const SPAN_VALUES: readonly BoundColumn[] = [
  ...COST_COLUMNS.map((name): BoundColumn => ({ name, type: 'double' })),
  { name: 'model_name', type: 'text' },
  { name: 'model_provider', type: 'text' },
];

/**
 * Fills the columns of spans from span_metrics and dimension_attributes.
 *
 * @throws on dimension attributes that MLflow refuses
 */
export async function fillSpans(
  context: RowContext,
  keeps: boolean,
  progress: (rows: number) => void,
  range: KeyRange = {},
): Promise<void> {
  const truncated = { model: 0, provider: 0 };
  const [key, value] = [context.quote('key'), context.quote('value')];
  const hasDimensions = (await context.columnsOf('spans')).includes('dimension_attributes');
  const metrics = COST_COLUMNS.map((column, i) => ({
    column,
    table: 'span_metrics',
    alias: `m${i}`,
    where: `m${i}.${key} = '${column}'`,
  }));
  const filling = {
    table: 'spans',
    key: ['trace_id', 'span_id'],
    filled: SPAN_VALUES,
    keeps,
    sources: {
      source_dimensions: { value: hasDimensions ? context.jsonText('t.dimension_attributes') : 'NULL' },
      ...Object.fromEntries(
        metrics.map((from) => [`source_${from.column}`, { from, value: `${from.alias}.${value}` }]),
      ),
    },
    joins: (named: (table: string) => string) =>
      metrics.map(
        ({ table, alias, where }) =>
          `LEFT JOIN ${named(table)} ${alias} ON ${alias}.trace_id = t.trace_id` +
          ` AND ${alias}.span_id = t.span_id AND ${where}`,
      ),
    inSets: (words: SetWords) => inSets(context, words, hasDimensions),
    values: (row: Row) => {
      const dimensions = spanModel(context, row.source_dimensions);
      if ('refused' in dimensions)
        throw new Error(
          `spans.dimension_attributes of span ${row.trace_id}/${row.span_id}: ${dimensions.refused}`,
        );
      truncated.model += Number(dimensions.model.cut);
      truncated.provider += Number(dimensions.provider.cut);
      const costs = COST_COLUMNS.map((column) => spanCost(context, row[`source_${column}`]));
      return [...costs, dimensions.model.value, dimensions.provider.value];
    },
  };
  await fill(context, filling, range, progress);
  if (truncated.model + truncated.provider === 0) return;
  context.warn(
    `cut to ${MODEL_LENGTH} characters in spans: ${truncated.model} model names, ${truncated.provider} model providers`,
  );
}

/** The spans that the server does by itself. */
function inSets(context: RowContext, words: SetWords, hasDimensions: boolean): InSets {
  const costs = COST_COLUMNS.map((column) => ({
    column,
    of: `source_${column}`,
    levels: [],
    ...plainCostMetric(context, words, `source_${column}`),
  }));
  const dimensions = hasDimensions ? plainDimensions(context, words, 'source_dimensions') : null;
  return {
    sources: [...(dimensions ? [{ of: 'source_dimensions', ...dimensions }] : []), ...costs],
    values: {
      ...Object.fromEntries(costs.map(({ column, value }) => [column, value])),
      model_name: dimensions?.model ?? 'NULL',
      model_provider: dimensions?.provider ?? 'NULL',
    },
  };
}

import { type BoundColumn, type Row, type RowContext, source } from '../../../src/schema/index.js';
import { type KeyRange, pages } from '../pages.js';
import { updateRows } from '../write-rows.js';
import { COST_COLUMNS, MODEL_LENGTH } from './names.js';
import type { Phase } from './phase.js';
import { spanCost, spanModel } from './span-values.js';

const KEY: readonly BoundColumn[] = [
  { name: 'trace_id', type: 'text' },
  { name: 'span_id', type: 'text' },
];
/** The columns it fills. */
export const SPAN_VALUES: readonly BoundColumn[] = [
  ...COST_COLUMNS.map((name): BoundColumn => ({ name, type: 'double' })),
  { name: 'model_name', type: 'text' },
  { name: 'model_provider', type: 'text' },
];

/**
 * Fills the columns of spans from span_metrics and dimension_attributes; rows that hold their values already are not
 * written. The sources may be gone already, see `Phase`.
 *
 * @throws on dimension attributes that MLflow refuses
 */
export async function fillSpans(
  context: RowContext,
  phase: Phase,
  progress: (rows: number) => void,
  range: KeyRange = {},
): Promise<void> {
  const truncated = { model: 0, provider: 0 };
  const hasDimensions = (await context.columnsOf('spans')).includes('dimension_attributes');
  for await (const page of pages<Row>(context, { ...read(context, hasDimensions), range })) {
    const updates: unknown[][] = [];
    for (const row of page) {
      const key = [row.trace_id, row.span_id];
      const dimensions = spanModel(context, row.source_dimensions);
      if ('refused' in dimensions) {
        throw new Error(`spans.dimension_attributes of span ${key.join('/')}: ${dimensions.refused}`);
      }
      truncated.model += Number(dimensions.model.cut);
      truncated.provider += Number(dimensions.provider.cut);
      const costs = COST_COLUMNS.map((column) => spanCost(context, row[`source_${column}`]));
      const found = [...costs, dimensions.model.value, dimensions.provider.value];
      const values = phase.values(found, SPAN_VALUES, row);
      if (SPAN_VALUES.some((column, i) => row[column.name] !== values[i])) updates.push([...key, ...values]);
    }
    await updateRows(context, 'spans', KEY, SPAN_VALUES, updates);
    progress(page.length);
  }
  if (truncated.model + truncated.provider === 0) return;
  context.warn(
    `cut to ${MODEL_LENGTH} characters in spans: ${truncated.model} model names, ${truncated.provider} model providers`,
  );
}

function read(context: RowContext, hasDimensions: boolean) {
  const cost = (column: string): string =>
    `(SELECT m.${context.quote('value')} FROM ${source(context, 'span_metrics')} m WHERE m.trace_id = s.trace_id ` +
    `AND m.span_id = s.span_id AND m.${context.quote('key')} = '${column}') AS source_${column}`;
  return {
    columns: [
      's.trace_id, s.span_id',
      ...SPAN_VALUES.map((column) => `s.${column.name}`),
      `${hasDimensions ? context.jsonText('s.dimension_attributes') : 'NULL'} AS source_dimensions`,
      ...COST_COLUMNS.map(cost),
    ].join(', '),
    from: `${source(context, 'spans')} s`,
    alias: 's',
    key: ['trace_id', 'span_id'],
  };
}

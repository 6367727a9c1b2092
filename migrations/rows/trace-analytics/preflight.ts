import type { Refusal, RowContext } from '../../../src/schema/index.js';
import { listed, NAMED, NamedRows } from '../naming.js';
import { oddDimensions } from './plain-dimensions.js';
import { spanModel } from './span-values.js';

/** Rows whose trace is missing: MLflow raises an error, because they cannot be given its experiment and time. */
export async function refuseOrphans(context: RowContext): Promise<Refusal[]> {
  const refusals: Refusal[] = [];
  for (const [table, noun] of [
    ['spans', 'Spans'],
    ['assessments', 'Assessments'],
  ] as const) {
    const orphans = `FROM ${table} c WHERE NOT EXISTS (SELECT 1 FROM trace_info t WHERE t.request_id = c.trace_id)`;
    const [total] = await context.query<{ count: unknown }>(
      `SELECT COUNT(DISTINCT c.trace_id) AS count ${orphans}`,
    );
    const count = Number(total?.count ?? 0);
    if (count === 0) continue;
    const traces = await context.query<{ trace_id: string }>(
      `SELECT DISTINCT c.trace_id ${orphans} ORDER BY c.trace_id ${context.limit(NAMED)}`,
    );
    const names = listed(
      traces.map((row) => row.trace_id),
      count,
    );
    refusals.push({
      message: `${noun} belong to traces that trace_info does not hold: ${names}. Delete these rows of ${table} first.`,
    });
  }
  return refusals;
}

/** Dimension attributes that have no column to go to: MLflow raises an error rather than drop them. */
export async function refuseDimensions(context: RowContext): Promise<Refusal[]> {
  const refused = new NamedRows();
  for await (const page of oddDimensions(context)) {
    for (const row of page) {
      const model = spanModel(context, row.source_dimensions);
      if ('refused' in model) refused.add(`${row.trace_id}/${row.span_id} (${model.refused})`);
    }
  }
  if (refused.count === 0) return [];
  const message =
    `spans.dimension_attributes may hold a model name and a provider only; trace/span: ${refused}. ` +
    'Correct or empty them first.';
  return [{ message }];
}

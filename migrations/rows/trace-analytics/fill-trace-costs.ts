import type { RowContext } from '../../../src/schema/index.js';
import { GATEWAY_ENDPOINT_KEY } from './names.js';

/**
 * A trace that came through a gateway and has no total cost gets the sum of its spans, where one has a cost.
 *
 * The last digit of a sum of floats depends on their order: MLflow has just written the spans in the order of their
 * keys, and reads them so. Where the server cannot be told the order, it reads by the key as well.
 */
export async function fillTraceCostsFromSpans(context: RowContext): Promise<void> {
  const ofTrace = 'FROM spans WHERE spans.trace_id = trace_info.request_id';
  const sum = context.correlatesDerived
    ? `(SELECT SUM(ordered.cost) FROM (
        SELECT spans.total_cost AS cost ${ofTrace} ORDER BY spans.span_id
      ) AS ordered)`
    : `(SELECT SUM(spans.total_cost) ${ofTrace})`;
  await context.execute(`
    UPDATE trace_info SET total_cost = ${sum}
    WHERE total_cost IS NULL AND ${sum} IS NOT NULL AND EXISTS (
      SELECT 1 FROM trace_request_metadata m
      WHERE m.request_id = trace_info.request_id AND m.${context.quote('key')} = '${GATEWAY_ENDPOINT_KEY}'
    )`);
}

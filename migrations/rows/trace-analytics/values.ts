import type { RowContext } from '../../../src/schema/index.js';
import { wholeDecimal } from '../python/decimal.js';
import { finiteFloat, tenDecimals } from '../python/float.js';
import { type PythonJson, parseJson } from '../python/json.js';
import { codePointLength, firstCodePoints, lower, strip } from '../python/text.js';

/** The conversions of mlflow/store/db/trace_analytics_backfill_75868b020152.py; None is null. */

const BIGINT_MIN = -(2n ** 63n);
const BIGINT_MAX = 2n ** 63n - 1n;

/** The JSON object that a text holds; empty for everything else. */
export function jsonObject(value: unknown): Map<string, PythonJson> {
  const object = typeof value === 'string' ? parseJson(value) : undefined;
  return object instanceof Map ? object : new Map();
}

/** A whole number of 64 bits, whatever its spelling; null for everything else. */
export function tokenCount(value: PythonJson): bigint | null {
  const count = wholeDecimal(value);
  return count !== null && count >= BIGINT_MIN && count <= BIGINT_MAX ? count : null;
}

/** A value of a float column, as MLflow's driver gives it; SQLite may hold a text there. */
const ofColumn = (value: unknown): PythonJson =>
  typeof value === 'number' || typeof value === 'string' ? value : null;

/** The value of a metric, as MLflow's reflected tables give it. */
export function metricOf(context: RowContext, value: unknown): PythonJson {
  const metric = ofColumn(value);
  return context.readsTenDecimals && typeof metric === 'number' ? tenDecimals(metric) : metric;
}

/** A text, cut to a number of characters, and whether that took something off. */
export function bounded(value: unknown, length: number): { value: string | null; cut: boolean } {
  if (typeof value !== 'string') return { value: null, cut: false };
  return {
    value: firstCodePoints(value, length),
    cut: value.length > length && codePointLength(value) > length,
  };
}

/**
 * What is summed up of an assessment's value, which is JSON or, where that fails, plain text: a finite number (the
 * only numeric kind), or 1 and 0 for true and false, yes and no.
 */
export function assessmentAggregate(json: unknown): { aggregate: number | null; numeric: boolean } {
  const value = typeof json === 'string' ? (parseJson(json) ?? json) : null;
  if (typeof value === 'boolean') return { aggregate: value ? 1 : 0, numeric: false };
  if (typeof value === 'number' || typeof value === 'bigint') {
    const aggregate = finiteFloat(value);
    return { aggregate, numeric: aggregate !== null };
  }
  const answer = typeof value === 'string' ? lower(strip(value)) : '';
  return { aggregate: answer === 'yes' ? 1 : answer === 'no' ? 0 : null, numeric: false };
}

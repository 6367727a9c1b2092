import type { RowContext, SetWords } from '../../../src/schema/index.js';

/** A value that the server makes of a column as MLflow does: whether it can, and what. */
export interface Plain {
  readonly plain: string;
  readonly value: string;
}

/** A whole token metric, which every double up to 10^15 is exactly; rounding to ten decimals leaves it alone. */
export const plainTokenMetric = (words: SetWords, metric: string): Plain => ({
  plain: `(${words.isDouble(metric)} AND ${metric} > -1e15 AND ${metric} < 1e15 AND ROUND(${metric}) = ${metric})`,
  value: words.bigint(metric),
});

/**
 * The cost of a span from its metric: itself where it is finite, which an infinity or NaN less itself is not. Rounded
 * to ten decimals where MLflow reads it so: below 500 its ten billionfold, rounded once, is off by less than 0.001,
 * and so has the right whole number next to it unless it is near a half; the quotient of that number and 10^10, both
 * of which doubles hold exactly, is the double nearest to the decimal. A server may work this out of any metric, whatever
 * else is asked of it, so that it is bounded first: a product beyond all doubles would be an error.
 */
export function plainCostMetric(
  { readsTenDecimals }: Pick<RowContext, 'readsTenDecimals'>,
  words: SetWords,
  metric: string,
): Plain {
  if (!readsTenDecimals)
    return {
      plain: `(${metric} IS NULL OR ${words.isDouble(metric)})`,
      value: `CASE WHEN ${metric} - ${metric} = 0 THEN ${metric} END`,
    };
  const tens = `LEAST(GREATEST(${metric}, -1e0), 500e0) * 1e10`;
  const near = `${metric} >= 0 AND ${metric} < 500 AND ABS(${tens} - ROUND(${tens})) < 0.49`;
  return { plain: `(${metric} IS NULL OR (${near}))`, value: `ROUND(${tens}) / 1e10` };
}

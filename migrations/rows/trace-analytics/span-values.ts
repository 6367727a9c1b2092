import type { RowContext } from '../../../src/schema/index.js';
import { finiteFloat } from '../python/float.js';
import { notStorable } from '../storable.js';
import { dimensionsOf } from './dimensions.js';
import { MODEL_ATTRIBUTE, MODEL_LENGTH, PROVIDER_ATTRIBUTE } from './names.js';
import { bounded, metricOf } from './values.js';

export interface Bounded {
  readonly value: string | null;
  readonly cut: boolean;
}

/** The model columns of a span, cut to their length; or why the row cannot be upgraded. */
export function spanModel(
  context: RowContext,
  stored: unknown,
): { readonly model: Bounded; readonly provider: Bounded } | { readonly refused: string } {
  const dimensions = dimensionsOf(stored);
  if ('refused' in dimensions) return dimensions;
  const model = bounded(dimensions.model, MODEL_LENGTH);
  const provider = bounded(dimensions.provider, MODEL_LENGTH);
  for (const [name, { value }] of [
    [MODEL_ATTRIBUTE, model],
    [PROVIDER_ATTRIBUTE, provider],
  ] as const) {
    const reason = value === null ? null : notStorable(context, value);
    if (reason !== null) return { refused: `${name} holds ${reason}` };
  }
  return { model, provider };
}

/** The cost of a span from its metric, where it is a finite number. */
export const spanCost = (context: RowContext, metric: unknown): number | null =>
  finiteFloat(metricOf(context, metric));

import type { Difference } from './diff.js';

export interface Pairs<T> {
  readonly pairs: readonly (readonly [wanted: T, found: T])[];
  /** Wanted and without a partner. */
  readonly missing: readonly T[];
  /** Found and without a partner. */
  readonly extra: readonly T[];
}

/** Pairs each wanted part with one found that is `like` it; each serves once, so duplicates are counted. */
export function pairUp<T>(
  wanted: readonly T[],
  found: readonly T[],
  like: (wanted: T, found: T) => boolean,
): Pairs<T> {
  const left = [...found];
  const pairs: [T, T][] = [];
  const missing: T[] = [];
  for (const part of wanted) {
    const at = left.findIndex((other) => like(part, other));
    if (at < 0) missing.push(part);
    else pairs.push([part, ...left.splice(at, 1)] as [T, T]);
  }
  return { pairs, missing, extra: left };
}

/** Parts that are on one side only. */
export function oneSided<P extends Difference['part']>(
  part: P,
  table: string,
  { missing, extra }: Omit<Pairs<unknown>, 'pairs'>,
): Difference[] {
  return [
    ...missing.map((wanted) => ({ part, table, wanted, found: null, facet: null })),
    ...extra.map((found) => ({ part, table, wanted: null, found, facet: null })),
  ] as Difference[];
}

import type { PlanKind } from '../core/gc/plan-select.js';
import { visible } from './check/visible.js';
import { count } from './sentences.js';

const nouns: Readonly<Record<PlanKind, string>> = {
  run: 'run',
  model: 'logged model',
  experiment: 'experiment',
  job: 'job',
};

/** "2 logged models". */
export const countOf = (kind: PlanKind, n: number): string => count(n, nouns[kind]);

/** The id, and the name where there is one. */
export const nameOf = ({ id, name }: { readonly id: string; readonly name: string | null }): string =>
  visible(name === null || name === '' ? id : `${id} ${name}`);

/** "48 runs, 2 experiments"; nothing of a kind of which there is none. */
export const kindsOf = (counts: Readonly<Record<PlanKind, number>>): string =>
  (Object.keys(nouns) as PlanKind[])
    .filter((kind) => counts[kind] > 0)
    .map((kind) => countOf(kind, counts[kind]))
    .join(', ') || 'nothing';

export const sumOf = (numbers: Iterable<number>): number => {
  let sum = 0;
  for (const n of numbers) sum += n;
  return sum;
};

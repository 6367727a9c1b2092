import type { SetWords } from '../../../src/schema/index.js';

/** Expressions by the names that later levels know them by. */
export type Level = Readonly<Record<string, string>>;

/**
 * A query whose levels name expressions, each over what the levels below have named: worked out once a row, however
 * often it is mentioned.
 */
export function levels(words: SetWords, base: string, above: readonly Level[]): string {
  return above.reduce(
    (query, level) =>
      `SELECT p.*, ${Object.entries(level)
        .map(([name, expression]) => `${expression} AS ${name}`)
        .join(', ')} FROM (${query} ${words.fence}) p`,
    base,
  );
}

/** Levels side by side: the first of each list together, the second of each, and so on. */
export function beside(...lists: readonly (readonly Level[])[]): Level[] {
  const height = Math.max(...lists.map((list) => list.length));
  return Array.from({ length: height }, (_, i) => Object.assign({}, ...lists.map((list) => list[i] ?? {})));
}

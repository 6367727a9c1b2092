/**
 * The candidates that a mistyped word most likely means, three at most; none where all are far from it. Near is counted
 * in letters added, left out, replaced, or swapped with their neighbour (Damerau's distance); the beginning of a word is
 * near to it. Of those as near, swapped letters alone count where there are any ("3.81" is 3.18, not 3.11), then one as
 * long as the word comes first, then the order given.
 */
export function similar(word: string, candidates: readonly string[]): string[] {
  const typed = word.toLowerCase();
  const allowed = Math.max(1, Math.floor(typed.length / 3));
  const all = [...new Set(candidates)]
    .map((candidate) => ({
      candidate,
      distance:
        typed.length > 2 && candidate.toLowerCase().startsWith(typed)
          ? 1
          : distanceOf(typed, candidate.toLowerCase()),
      stretch: Math.abs(candidate.length - typed.length),
    }))
    .filter(({ candidate, distance }) => distance <= Math.min(allowed, candidate.length - 1))
    .sort((a, b) => a.distance - b.distance || a.stretch - b.stretch);
  const near = all.filter(({ distance }) => distance === all[0]?.distance).map(({ candidate }) => candidate);
  const swapped = near.filter((candidate) => letters(candidate.toLowerCase()) === letters(typed));
  return (swapped.length > 0 ? swapped : near).slice(0, 3);
}

const letters = (word: string): string => [...word].sort().join('');

/** "Did you mean a, b or c?" as a list of hints: one, or none where there is nothing to offer. */
export const didYouMean = (names: readonly string[]): string[] =>
  names.length === 0 ? [] : [`Did you mean ${names.join(', ').replace(/, ([^,]*)$/, ' or $1')}?`];

function distanceOf(a: string, b: string): number {
  // A word this much longer is no slip of the finger, and may be very long.
  if (Math.abs(a.length - b.length) > 4) return Number.POSITIVE_INFINITY;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let least = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, (before[j - 2] ?? 0) + 1);
      row.push(least);
    }
    [before, last] = [last, row];
  }
  return last[b.length] ?? 0;
}

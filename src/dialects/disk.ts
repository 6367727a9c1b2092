import { listed } from './claims.js';
import type { Deed, TableSize } from './cost.js';

/** An entry of an index, beside a key of MLflow's: about what servers and SQLite take. */
const bytesOfEntry = 90;

/** What an index of so many rows takes. */
export const indexBytes = (rows: number): number => Math.round(rows * bytesOfEntry);

/** Bytes and rows of a table; nothing for one that is not there yet. */
export function sizesByName(sizes: readonly TableSize[]): (table: string) => { rows: number; bytes: number } {
  const known = new Map(sizes.map((size) => [size.table, size]));
  return (table) => {
    const size = known.get(table);
    // A server that does not tell: MLflow's rows have a few hundred bytes.
    return { rows: size?.rows ?? 0, bytes: size ? (size.bytes ?? size.rows * 300) : 0 };
  };
}

/** What deeds leave on disk beside what they replace, where nothing is freed before the end. */
export function diskOf(
  deeds: readonly Deed[],
  sizes: readonly TableSize[],
): { needed: number; basis: string } {
  const size = sizesByName(sizes);
  let needed = 0;
  const [rewritten, built, updated] = [new Set<string>(), new Set<string>(), new Set<string>()];
  for (const claim of deeds.flatMap(({ claims }) => claims)) {
    const { rows, bytes } = size(claim.table);
    if (rows === 0) continue;
    if (claim.work === 'rewrite') {
      needed += bytes;
      rewritten.add(claim.table);
    } else if (claim.work === 'build' || claim.work === 'online') {
      needed += indexBytes(rows);
      built.add(claim.table);
    } else if (claim.work === 'rows') {
      needed += bytes;
      updated.add(claim.table);
    }
  }
  const parts = [
    ...(rewritten.size > 0 ? [`${listed([...rewritten])} written anew`] : []),
    ...(built.size > 0 ? [`new indexes of ${listed([...built])}`] : []),
    ...(updated.size > 0 ? [`rows changed in ${listed([...updated])}`] : []),
  ];
  return { needed, basis: parts.length > 0 ? parts.join('; ') : 'no table with rows is written anew' };
}

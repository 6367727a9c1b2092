import { usageError } from '../errors.js';
import { didYouMean, similar } from '../similar.js';
import { jsonFile } from './migration-files.js';

/** MLflow release → head revision, from `migrations/releases.json` (made by fixtures/tools/releases.py). */
export type Releases = ReadonlyMap<string, string>;

export async function loadReleases(): Promise<Releases> {
  const { releases } = (await jsonFile('releases')) as { releases: Record<string, string> };
  return new Map(Object.entries(releases));
}

const parts = (version: string): number[] => version.split('.').map(Number);

export function compareVersions(a: string, b: string): number {
  const [left, right] = [parts(a), parts(b)];
  for (let i = 0; i < 3; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/**
 * The release a version names: `2.9.2` exactly, `2.9` its newest patch.
 *
 * @throws exit 2 with the neighbours when it is not listed; a head is never guessed.
 */
export function findRelease(releases: Releases, version: string): string {
  const exact = version.split('.').length === 3;
  const matches = [...releases.keys()].filter((name) =>
    exact ? name === version : name.startsWith(`${version}.`),
  );
  const found = matches.sort(compareVersions).at(-1);
  if (found) return found;
  const sorted = [...releases.keys()].sort(compareVersions);
  const before = sorted.filter((name) => compareVersions(name, version) < 0).at(-1);
  const after = sorted.find((name) => compareVersions(name, version) > 0);
  const neighbours = [before, after].filter((name) => name !== undefined).join(' and ');
  throw usageError(
    `MLflow ${version} is not a release that mltrack knows`,
    ...didYouMean(similar(version, exact ? sorted : [...new Set(sorted.map(withoutPatch))])),
    `its neighbours are ${neighbours}`,
  );
}

const withoutPatch = (version: string): string => version.replace(/\.\d+$/, '');

/** The releases whose head is `revision`, as a range for people: "2.8.0–2.12.2"; null when none ends there. */
export function releaseRange(releases: Releases, revision: string): string | null {
  const names = [...releases].filter(([, head]) => head === revision).map(([name]) => name);
  names.sort(compareVersions);
  const [first, last] = [names[0], names.at(-1)];
  if (first === undefined) return null;
  return first === last ? first : `${first}–${last}`;
}

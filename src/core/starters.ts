import type { Names } from './names.js';
import { compareVersions, type Releases } from './releases.js';

/** "3.16.4" → "3.16". */
const minor = (version: string): string => version.split('.').slice(0, 2).join('.');

/** The releases whose head is a revision, as minor lines for people: "2.9–2.12"; null where none ends there. */
export function releaseLines(releases: Releases, revision: string): string | null {
  const names = [...releases].filter(([, head]) => head === revision).map(([name]) => name);
  names.sort(compareVersions);
  const [first, last] = [names[0], names.at(-1)];
  if (first === undefined || last === undefined) return null;
  // A line whose later patches moved on is named to the patch.
  const whole = (line: string): boolean =>
    [...releases].every(([name, head]) => minor(name) !== line || head === revision);
  const from = whole(minor(first)) ? minor(first) : first;
  const to = whole(minor(last)) ? minor(last) : last;
  return from === to ? from : `${from}–${to}`;
}

/**
 * Which MLflow starts on a database at an ordinal: its server compares the stamp with its own head and takes nothing
 * else (mlflow/store/db/utils.py, `_verify_schema`).
 */
export function startersOf(chain: Names, releases: Releases, ordinal: number): string {
  const lines = releaseLines(releases, chain.revisions[ordinal]?.revision ?? '');
  if (lines) return `only MLflow ${lines} starts on it`;
  return `no release of MLflow starts on it, because none ends at this revision: ${inside(chain, releases, ordinal)}`;
}

/** Who wrote a database at an ordinal: "written by MLflow 2.9–2.12". */
export function writersOf(chain: Names, releases: Releases, ordinal: number): string {
  if (ordinal < 0) return 'nothing of MLflow’s is there';
  if (ordinal === 0) return 'written by MLflow 0.9.1 or older';
  const lines = releaseLines(releases, chain.revisions[ordinal]?.revision ?? '');
  return lines ? `written by MLflow ${lines}` : inside(chain, releases, ordinal);
}

/** A revision at which no release ends is a step on the way to one. */
function inside(chain: Names, releases: Releases, ordinal: number): string {
  const heads = new Map([...releases].map(([name, head]) => [chain.ordinalOf(head) ?? -1, name]));
  const next = [...heads].filter(([at]) => at > ordinal).sort(([a], [b]) => a - b)[0];
  return next ? `a step on the way to MLflow ${minor(next[1])}` : 'newer than every known release';
}

/** "this mltrack knows MLflow up to 3.18". */
export const knownUpTo = (chain: Names, releases: Releases): string => {
  const head = chain.revisions.at(-1)?.revision ?? '';
  return `this mltrack knows MLflow up to ${releaseLines(releases, head)?.split('–').at(-1)}`;
};

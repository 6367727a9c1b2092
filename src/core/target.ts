import { usageError } from '../errors.js';
import { didYouMean, similar } from '../similar.js';
import type { Names } from './names.js';
import { findRelease, type Releases } from './releases.js';

/**
 * The ordinal that `--to` names, seen from `current`: `head`, a revision or its prefix, an MLflow version (anything
 * with a dot), or `+N` revisions further.
 *
 * @throws exit 2 when it is unknown, ambiguous, or behind the database.
 */
export function resolveTarget(
  text: string | undefined,
  current: number,
  chain: Names,
  releases: Releases,
): number {
  const target = text === undefined ? head(chain) : find(text.trim(), current, chain, releases);
  if (target >= current) return target;
  const name = chain.revisions[target]?.revision ?? 'the base';
  throw usageError(
    `--to ${text} is revision ${name}, which is behind the database (${chain.revisions[current]?.revision})`,
    'an upgrade only goes forward; to go back, restore a backup, or see what mltrack db downgrade would lose',
  );
}

const head = (chain: Names): number => chain.revisions.length - 1;

function find(text: string, current: number, chain: Names, releases: Releases): number {
  if (text === 'head' || text === 'heads') return head(chain);
  const steps = /^\+(\d+)$/.exec(text)?.[1];
  if (steps !== undefined) return relative(Number(steps), current, chain);
  return named(text, chain, releases, '--to f4a9b2c7d1e6, --to f4a9, --to 2.9, --to 3.1.4, --to +1');
}

/**
 * The ordinal of an MLflow version (anything with a dot), a revision or its beginning.
 *
 * @param examples what may be written instead, for the message
 * @throws exit 2
 */
export function named(text: string, chain: Names, releases: Releases, examples: string): number {
  if (/^v?\d+\.\d+(\.\d+)?$/.test(text)) {
    const release = findRelease(releases, text.replace(/^v/, ''));
    const ordinal = chain.ordinalOf(releases.get(release) as string);
    if (ordinal !== undefined) return ordinal;
    throw usageError(`the head of MLflow ${release} is newer than this mltrack`, 'use a newer mltrack');
  }
  return byPrefix(text, chain, examples);
}

function relative(steps: number, current: number, chain: Names): number {
  if (steps === 0) throw usageError('--to +0 asks for nothing', 'write +1 or more, or leave --to out');
  if (current + steps > head(chain))
    throw usageError(
      `--to +${steps} is beyond the head: ${head(chain) - current} revisions are left`,
      'leave --to out to go to the head',
    );
  return current + steps;
}

function byPrefix(text: string, chain: Names, examples: string): number {
  const matches = chain.revisions.flatMap(({ revision }, i) =>
    text !== '' && revision?.startsWith(text.toLowerCase()) ? [i] : [],
  );
  const exact = chain.ordinalOf(text.toLowerCase());
  if (exact !== undefined && exact > 0) return exact;
  if (matches.length === 1) return matches[0] as number;
  if (matches.length > 1)
    throw usageError(
      `"${text}" fits ${matches.length} revisions: ${matches.map((i) => chain.revisions[i]?.revision).join(', ')}`,
      'write more of it',
    );
  throw usageError(
    `--to "${text}" is neither a revision, nor the beginning of one, nor an MLflow version`,
    ...didYouMean(nearTo(text, chain)),
    `examples: ${examples}`,
  );
}

/** Revisions whose beginning is as long and nearly the same, or the head. */
function nearTo(text: string, chain: Names): string[] {
  const names = chain.revisions.flatMap(({ revision }) => (revision === null ? [] : [revision]));
  const beginnings = similar(text, [
    'head',
    ...(text.length < 4 ? [] : names.map((name) => name.slice(0, text.length))),
  ]);
  return beginnings.map((beginning) => names.find((name) => name.startsWith(beginning)) ?? beginning);
}

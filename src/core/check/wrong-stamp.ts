import type { CheckModule, Finding } from '../../dialects/check.js';
import type { Dialect } from '../../dialects/dialect.js';
import { type Difference, diff } from '../../schema/diff.js';
import type { Schema } from '../../schema/table.js';
import { foldedAt } from '../left-over.js';
import type { Releases } from '../releases.js';
import { type Chain, operationsOf } from '../revisions.js';
import { startersOf } from '../starters.js';

/** A stamp that is not that of the schema. */
export interface WrongStamp {
  readonly finding: Finding;
  /** The ordinal whose schema it is. */
  readonly ordinal: number;
}

/**
 * Whether the schema is exactly that of another revision: `alembic stamp`, a restored `alembic_version`, a backup of
 * some tables. One change that is missing is drift, and so are changes that no revision explains.
 *
 * @param differences from the schema of the stamp
 */
export function wrongStamp(
  chain: Chain,
  releases: Releases,
  current: number,
  live: Schema,
  differences: readonly Difference[],
  { dialect, module }: { dialect: Dialect; module: CheckModule },
): WrongStamp | null {
  const known = differences.filter((found) => isOurs(found, chain));
  if (known.length < 2) return null;
  const folded = foldedAt(dialect, chain, chain.revisions.length - 1);
  const fits = folded
    .map((schema, ordinal) => ({ ordinal, schema }))
    .filter(({ ordinal, schema }) => ordinal > 0 && looksLike(schema, live))
    .filter(({ schema }) => diff(schema, live, module.same).every((found) => !isOurs(found, chain)))
    .map(({ ordinal }) => ordinal);
  // Nearest to the stamp: some revisions change no schema.
  const ordinal = fits.sort((a, b) => Math.abs(a - current) - Math.abs(b - current))[0];
  // The next revision whole, but not stamped, is one that died at its end.
  if (
    ordinal === undefined ||
    ordinal === current ||
    ordinal === current + 1 ||
    isOneChange(chain, ordinal, current, dialect)
  )
    return null;
  const [stamp, real] = [current, ordinal].map((at) => chain.revisions[at]?.revision ?? 'the base');
  return {
    ordinal,
    finding: {
      ...{
        rule: 'stamp-wrong',
        severity: 'error',
        object: 'revision',
        table: 'alembic_version',
        name: stamp ?? null,
      },
      expected: `the schema of ${stamp}`,
      found: `exactly the schema of ${real}; ${startersOf(chain, releases, ordinal)}`,
      why: 'MLflow believes the stamp, starts, and fails on what is not there; an upgrade begins at the wrong place',
      repair: {
        kind: 'none',
        reason: `which of the two is right only you know; if nothing was lost, put the stamp right: UPDATE alembic_version SET version_num = '${real}'; then mltrack db upgrade`,
      },
    },
  };
}

/** The user's own additions say nothing about the stamp; a table that MLflow has at another revision does. */
const isOurs = (difference: Difference, chain: Chain): boolean =>
  difference.wanted !== null || (difference.part === 'table' && chain.tables.has(difference.table));

const looksLike = (schema: Schema, live: Schema): boolean =>
  [...schema.keys()].every((name) => live.has(name));

/** A single change of the schema that is missing is as well lost by hand. */
function isOneChange(chain: Chain, ordinal: number, current: number, dialect: Dialect): boolean {
  if (Math.abs(current - ordinal) > 1) return false;
  const between = chain.revisions[Math.max(current, ordinal)];
  return between !== undefined && operationsOf(between, dialect.name).length === 1;
}

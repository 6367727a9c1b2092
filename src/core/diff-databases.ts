import type { Session } from '../dialects/dialect.js';
import { compareDeviations } from './diff/deviations.js';
import type { DiffEntry } from './diff/entry.js';
import { compareSchemas } from './diff/schemas.js';
import { readSide, type Side } from './diff/side.js';
import type { Stop } from './stop.js';

export type { DiffEntry } from './diff/entry.js';
export type { Side } from './diff/side.js';

/** In what two databases differ. Field names are stable; `version` is that of the shape. */
export interface DatabaseDiff {
  readonly event: 'diff';
  readonly version: 1;
  readonly left: Side;
  readonly right: Side;
  /**
   * `schemas`: one with the other, part by part. `deviations`: each with MLflow's schema at its own revision, and then
   * what they deviate in, because their revisions shall not count or their servers have different words.
   */
  readonly method: 'schemas' | 'deviations';
  readonly sameRevision: boolean;
  readonly differences: readonly DiffEntry[];
  /** Nothing differs of what was compared; with `driftOnly` the revisions may. */
  readonly equal: boolean;
}

export interface DiffOptions {
  /** Leave out what is explained by the revisions. */
  readonly driftOnly: boolean;
  readonly stop: Stop;
}

/** Reads both in autocommit, catalogs only. @throws exit 5 for a database that is not MLflow's or too new */
export async function diffDatabases(
  left: Session,
  right: Session,
  { driftOnly, stop }: DiffOptions,
): Promise<DatabaseDiff> {
  const [one, other] = await Promise.all([readSide(left, stop), readSide(right, stop)]);
  // MySQL and MariaDB are one dialect with two labels.
  const sameWords = left.dialect.label === right.dialect.label;
  const method = sameWords && !driftOnly ? 'schemas' : 'deviations';
  const differences =
    method === 'deviations'
      ? compareDeviations(one, other, sameWords)
      : [
          ...compareDeviations(one, other, sameWords, ({ rule }) => !inSchemas.test(rule)),
          ...compareSchemas(one, other, await left.dialect.check()),
        ];
  const sameRevision = one.side.revision === other.side.revision;
  return {
    ...{ event: 'diff', version: 1, left: one.side, right: other.side, method, sameRevision, differences },
    equal: differences.length === 0 && (driftOnly || sameRevision),
  };
}

/** Rules whose findings the comparison of two schemas tells by itself; the others are about what schemas do not say. */
const inSchemas =
  /^(table-(missing|extra|scratch|unreadable)|column-.*|primary-key|(unique|foreign-key|check|index|trigger)-(missing|extra|differs|action))$/;

import type { Finding } from '../../dialects/check.js';
import type { Dialect } from '../../dialects/dialect.js';
import { apply } from '../../schema/apply.js';
import { SchemaConflict } from '../../schema/conflict.js';
import type { Operation } from '../../schema/operation.js';
import type { Schema } from '../../schema/table.js';
import { restOf } from '../heal.js';
import { type Chain, operationsOf } from '../revisions.js';

/** A revision that is there in part. */
export interface HalfApplied {
  /** null: only prepared, by MLflow's own tool or by an old SQLAlchemy. */
  readonly finding: Finding | null;
  /** MLflow's schema with what is done of it: the yardstick for everything else. */
  readonly expected: Schema;
}

/**
 * Whether the revision after the stamp was begun: an upgrade died in it, MLflow's or ours. Something of it must be
 * there that the stamp does not know; what is only gone may as well have been dropped by hand.
 */
export function halfApplied(
  chain: Chain,
  current: number,
  expected: Schema,
  live: Schema,
  dialect: Dialect,
): HalfApplied | null {
  const next = chain.revisions[current + 1];
  if (!next) return null;
  const operations = operationsOf(next, dialect.name).filter(isSchemaChange);
  try {
    const left = new Set(restOf(live, operations, expected, dialect.traits).operations);
    const leftAnyway = new Set(restOf(expected, operations, expected, dialect.traits).operations);
    const done = operations.filter((operation) => !left.has(operation) && leftAnyway.has(operation));
    if (!done.some(adds)) return null;
    const todo = operations.filter((operation) => leftAnyway.has(operation)).length;
    const isWhole = done.length === todo;
    const after = done.reduce((state, operation) => apply(state, operation, dialect.traits), expected);
    if (done.every(isPreparation)) return { finding: null, expected: after };
    return {
      finding: {
        ...{ rule: 'revision-half-applied', severity: 'error', object: 'revision', table: null },
        name: next.revision,
        expected: `the schema of ${chain.revisions[current]?.revision ?? 'the base'}`,
        found: isWhole
          ? `every change of the next revision, ${next.revision} (${next.title}), without its stamp`
          : `${done.length} of ${todo} changes of the next revision, ${next.revision} (${next.title})`,
        why: 'an upgrade died here; MLflow does not start, and its own upgrade fails on what is there already',
        repair: { kind: 'command', command: 'mltrack db upgrade' },
      },
      expected: after,
    };
  } catch (error) {
    // Something of the user's stands in the way: that is what the comparison tells.
    if (error instanceof SchemaConflict) return null;
    throw error;
  }
}

const isSchemaChange = (operation: Operation): boolean =>
  operation.kind !== 'rows' && operation.kind !== 'insertRow';

/**
 * `mlflow db prepopulate-trace-analytics` adds these columns ahead of the upgrade, which expects them
 * (mlflow/store/db/trace_analytics_schema_75868b020152.py, ensure_analytics_columns). SQLAlchemy before 1.4 added the
 * check of a boolean with its column, and MLflow's revision for it looks first. Done in part or whole, MLflow goes on.
 */
const isPreparation = (operation: Operation): boolean =>
  (operation.kind === 'addColumn' && operation.ifMissing === true) || operation.kind === 'addBooleanCheck';

const adds = (operation: Operation): boolean => !/^drop/.test(operation.kind);

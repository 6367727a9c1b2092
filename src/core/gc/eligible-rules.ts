import type { SqlContext } from '../../dialects/dialect.js';
import type { Condition } from '../../schema/row-work.js';
import { columnOf, type Schema } from '../../schema/table.js';
import type { ItemKind } from './delete-rows.js';
import type { Registered } from './eligible-registered.js';

/** Something that can be collected. Times are milliseconds since the epoch. */
export interface Item {
  readonly kind: ItemKind;
  readonly id: string;
  readonly name: string | null;
  readonly experimentId: string | null;
  /** null: unknown, because MLflow did not note it then. A job's is its creation. */
  readonly deletedAt: number | null;
  readonly artifactUri: string | null;
}

/** Something that stays, and why. */
export interface Kept {
  readonly item: Item;
  readonly reason: string;
}

export interface Page {
  readonly items: readonly Item[];
  readonly kept: readonly Kept[];
}

/** What may be collected. */
export interface Rules {
  /** Only what was deleted at or before this moment, milliseconds; null: whatever its age. */
  readonly cutoff: number | null;
  /** With a cutoff: also what was deleted at an unknown time. */
  readonly undated: boolean;
  /** Only these, and only the kinds that are named; an experiment brings its runs and models. */
  readonly ids: Readonly<Partial<Record<'run' | 'model' | 'job' | 'experiment', readonly string[]>>>;
  /** null: all of them. */
  readonly workspace: string | null;
  /** Finished jobs too. */
  readonly jobs: boolean;
  /** What a registry needs; null: registered things go as well. */
  readonly registered: Registered | null;
  /**
   * Logged models of a deleted experiment that are not deleted themselves: MLflow's delete_experiment leaves all of
   * them so. `hold` keeps the experiment, `go` takes them along as `mlflow gc` does.
   */
  readonly activeModels: 'hold' | 'go';
}

/** Final states of a job (entities/_job_status.py): succeeded, failed, timeout, cancelled. */
export const finished = [2, 3, 4, 5];

interface Words {
  readonly schema: Schema;
  readonly sql: SqlContext;
}

/** The column that says when an item was deleted; undefined where the revision has none yet. */
export function timeColumn(schema: Schema, kind: ItemKind): string | undefined {
  const [table, column] = {
    run: ['runs', 'deleted_time'],
    model: ['logged_models', 'last_updated_timestamp_ms'],
    experiment: ['experiments', 'last_update_time'],
    job: ['jobs', 'creation_time'],
    trace: ['trace_info', 'timestamp_ms'],
  }[kind] as [string, string];
  const found = schema.get(table);
  return found && columnOf(found, column) ? column : undefined;
}

/** Whether an item's own row still says that it goes; to be asked once more under its lock. */
export function stillGoes(
  kind: 'run' | 'model' | 'experiment' | 'job',
  rules: Rules,
  words: Words,
): Condition {
  const own = kind === 'job' ? `status IN (${finished.join(', ')})` : "lifecycle_stage = 'deleted'";
  if (rules.cutoff === null) return { sql: own, params: [] };
  const column = timeColumn(words.schema, kind);
  if (column === undefined) return { sql: rules.undated ? own : '1 = 0', params: [] };
  const name = words.sql.quote(column);
  const unknown = rules.undated ? ` OR ${name} IS NULL` : '';
  return { sql: `${own} AND (${name} <= ${words.sql.bind('bigint')}${unknown})`, params: [rules.cutoff] };
}

const day = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

/** Why an item of this age stays; null: it may go. */
export function tooYoung(deletedAt: number | null, { cutoff, undated }: Rules): string | null {
  if (cutoff === null) return null;
  if (deletedAt === null)
    return undated ? null : 'when it was deleted is not known; --undated collects it all the same';
  return deletedAt <= cutoff ? null : `deleted ${day(deletedAt)}, after ${day(cutoff)}`;
}

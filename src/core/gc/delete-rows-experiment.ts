import type { Condition } from '../../schema/row-work.js';
import { type Deleted, type ItemKind, itemKinds, type RowDeleter } from './delete-rows.js';
import { addRows, type RowCounts } from './delete-rows-walk.js';

/** How many traces, or models, of an experiment go in one transaction. */
const contentsAtOnce = 200;

export interface ExperimentOptions {
  /** Over the experiment's row: whether it still goes. */
  readonly condition: Condition;
  /** Logged models that are not deleted go with it. */
  readonly activeModels: 'hold' | 'go';
  /** Called between two transactions; it throws to stop. */
  readonly checkpoint: () => void;
}

/**
 * Deletes an experiment whose runs and deleted models are gone: its traces in batches, then its own row with all that
 * is left. Each transaction locks the experiment first, so that one restored in between keeps what is still there.
 *
 * @returns `changed` names it when it no longer goes, `held` when a run or model is (again) in it
 */
export async function deleteExperiment(
  deleter: RowDeleter,
  id: string,
  options: ExperimentOptions,
): Promise<Deleted> {
  const rows: RowCounts = new Map();
  const add = (one: RowCounts): void => {
    for (const [table, n] of one) addRows(rows, table, n);
  };
  // Looked at before the first trace goes: what holds the experiment keeps it whole.
  const except = options.activeModels === 'go' ? ['logged_models'] : [];
  const held = await deleter.walk.held(deleter.node('experiment'), [id], except);
  if (held) return { gone: [], changed: [], held: [{ key: id, table: held }], rows };
  const kinds: ItemKind[] = options.activeModels === 'go' ? ['model', 'trace'] : ['trace'];
  for (const kind of kinds)
    for (let more = true; more; ) {
      options.checkpoint();
      const deleted = await deleteContents(deleter, kind, id, options.condition);
      add(deleted.rows);
      more = deleted.gone.length > 0;
    }
  const last = await deleter.deleteItems('experiment', [id], { item: options.condition });
  add(last.rows);
  return { ...last, rows };
}

async function deleteContents(
  deleter: RowDeleter,
  kind: ItemKind,
  id: string,
  condition: Condition,
): Promise<Deleted> {
  const none: Deleted = { gone: [], changed: [], held: [], rows: new Map() };
  const { walk } = deleter;
  const [table, column] = itemKinds[kind];
  if (!walk.schema.has(table)) return none;
  const { quote, limit } = walk.session.sql;
  const inside = walk.keyed(table, 'experiment_id', [id]);
  const found = await walk.session.query<{ k: string }>(
    `SELECT ${quote(column)} AS k FROM ${quote(table)} WHERE ${inside.sql} ORDER BY 1 ${limit(contentsAtOnce)}`,
    inside.params,
  );
  if (found.length === 0) return none;
  return deleter.deleteItems(
    kind,
    found.map(({ k }) => k),
    { item: inside, experiment: { id, condition } },
  );
}

import type { Applying } from './apply.js';
import { keepChanged } from './apply-group.js';
import type { Place } from './artifacts.js';
import { tracePlaces } from './artifacts-traces.js';
import { claim } from './claim.js';
import { itemKinds } from './delete-rows.js';
import { deleteExperiment } from './delete-rows-experiment.js';
import { chunks } from './eligible-registered.js';
import { stillGoes } from './eligible-rules.js';
import type { Chosen } from './plan-select.js';
import type { Report } from './report.js';

/**
 * Deletes an experiment whose runs and deleted models are gone: the artifacts of its traces, and of the active models
 * that were chosen with it, then all its rows. What holds it keeps it whole.
 *
 * @param models logged models that are not deleted and go with it
 */
export async function collectExperiment(
  experiment: Chosen,
  models: readonly Chosen[],
  applying: Applying,
  report: Report,
  checkpoint: () => void,
): Promise<void> {
  const { known, deleter, rules } = applying;
  const { id } = experiment;
  const condition = stillGoes('experiment', rules, { schema: known.schema, sql: known.session.sql });
  const strangers = rules.activeModels === 'go' ? await unplanned(id, models, applying) : 0;
  if (strangers > 0)
    return report.keep(experiment, `it holds ${strangers} logged models that were not chosen with it`);
  const except = rules.activeModels === 'go' ? ['logged_models'] : [];
  const held = await deleter.walk.held(deleter.node('experiment'), [id], except);
  if (held) return report.keep(experiment, reasonOf(held));
  if (!(await clearPlaces(experiment, models, applying, report, checkpoint, condition))) return;
  const activeModels = models.length > 0 ? 'go' : 'hold';
  const deleted = await deleteExperiment(deleter, id, { condition, activeModels, checkpoint });
  report.addRows(deleted.rows);
  report.gone.experiment += deleted.gone.length;
  if (deleted.gone.length > 0) report.gone.model += models.length;
  if (deleted.changed.length > 0) await keepChanged([experiment], deleter, report);
  for (const { table } of deleted.held) report.keep(experiment, reasonOf(table));
}

const reasonOf = (table: string): string =>
  table === itemKinds.run[0]
    ? 'it still holds runs'
    : table === itemKinds.model[0]
      ? 'it still holds logged models'
      : `rows of ${table} still need it`;

/** How many logged models are in the experiment that were not chosen. */
async function unplanned(id: string, models: readonly Chosen[], { deleter }: Applying): Promise<number> {
  const { walk } = deleter;
  const [table, key] = itemKinds.model;
  if (!walk.schema.has(table)) return 0;
  const among = walk.keyed(table, 'experiment_id', [id]);
  const rows = await walk.session.query<{ k: string }>(
    `SELECT ${key} AS k FROM ${table} WHERE ${among.sql}`,
    among.params,
  );
  const chosen = new Set(models.map((model) => model.id));
  return rows.filter(({ k }) => !chosen.has(k)).length;
}

/** Removes the artifacts of what goes with the experiment. False when it has to stay. */
async function clearPlaces(
  experiment: Chosen,
  models: readonly Chosen[],
  { artifacts, deleter }: Applying,
  report: Report,
  checkpoint: () => void,
  condition: Parameters<typeof claim>[3],
): Promise<boolean> {
  if (!artifacts) return true;
  for await (const page of places(experiment.id, models, deleter.walk)) {
    checkpoint();
    // Restored in between it keeps the artifacts that are still there.
    if ((await claim(deleter, 'experiment', [experiment.id], condition)).items.length === 0) {
      await keepChanged([experiment], deleter, report);
      return false;
    }
    const removals = await artifacts.remove(page);
    for (const removal of removals) if (removal.outcome === 'gone') report.addArtifacts(removal);
    checkpoint();
    const failures = removals.filter((removal) => removal.outcome === 'failed');
    if (failures[0]) {
      const more = failures.length > 1 ? ` (and ${failures.length - 1} more)` : '';
      report.fail(experiment, `${failures[0].why}${more}`);
      return false;
    }
  }
  return true;
}

async function* places(
  id: string,
  models: readonly Chosen[],
  walk: Applying['deleter']['walk'],
): AsyncGenerator<Place[]> {
  for (const some of chunks(models, 200)) {
    const found = some.flatMap(({ id: owner, artifactUri }) =>
      artifactUri ? [{ owner, uri: artifactUri }] : [],
    );
    if (found.length > 0) yield found;
  }
  yield* tracePlaces(walk, id);
}

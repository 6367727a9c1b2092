import { halfWay, MltrackError } from '../../errors.js';
import type { Listener } from '../events.js';
import type { Stop } from '../stop.js';
import type { Artifacts, Place } from './artifacts.js';
import { chunks } from './eligible-registered.js';
import type { Rules } from './eligible-rules.js';
import type { FileStore } from './file-store.js';
import { type Clearing, removeFiled } from './file-store-remove.js';
import { keyOf, type SelectedFiles } from './file-store-select.js';
import { tracePlacesIn } from './file-store-traces.js';
import type { Chosen } from './plan-select.js';
import { Report } from './report.js';

export interface FilesApplying {
  readonly store: FileStore;
  readonly rules: Rules;
  /** null: those that lie elsewhere are kept. */
  readonly artifacts: Artifacts | null;
  readonly stop: Stop;
  readonly listen: Listener;
}

/** After so many items a stop is honoured, and progress told. */
const groupSize = 64;
/** So many items at once: more only wait for the same disk. */
const atOnce = 8;

/**
 * Deletes what was selected, item by item; experiments after what is in them. A second run goes on where this one
 * ended. What nobody could look into is reported as failed.
 *
 * @throws exit 130, 143 after the items in hand, saying how far it is
 */
export async function collectFiles(selected: SelectedFiles, applying: FilesApplying): Promise<Report> {
  const { items, kept, unreadable } = selected;
  const seen = kept.filter(({ item }) => !unreadable.has(keyOf(item)));
  const report = new Report(seen, items.length);
  const { stop } = applying;
  try {
    await collectAll(items, applying, report);
    stop.cannotUndo(report.progress);
    if (report.done + report.failed.length + report.kept.length < report.total) stop.check();
    for (const { item, reason } of kept)
      if (unreadable.has(keyOf(item))) report.fail({ ...item, reason } as Chosen, reason);
    return report;
  } catch (error) {
    const stopped = stop.requested && error instanceof MltrackError;
    throw stopped || report.done === 0 ? error : halfWay(error, report.progress);
  }
}

async function collectAll(items: readonly Chosen[], applying: FilesApplying, report: Report): Promise<void> {
  for (const kind of ['run', 'model'] as const) {
    const mine = items.filter((item) => item.kind === kind && item.inside === undefined);
    for (const group of chunks(mine, groupSize)) {
      checkpoint(applying, report, kind === 'run' ? 'runs' : 'logged models');
      await several(group, (item) => collectOne(item, [], applying, report));
    }
  }
  const inside = new Map<string, Chosen[]>();
  for (const item of items)
    if (item.inside !== undefined) inside.set(item.inside, [...(inside.get(item.inside) ?? []), item]);
  for (const item of items.filter(({ kind }) => kind === 'experiment')) {
    checkpoint(applying, report, 'experiments');
    await collectOne(item, inside.get(item.id) ?? [], applying, report);
  }
}

async function several<T>(list: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < list.length; at = next++) await work(list[at] as T);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, list.length) }, worker));
}

function checkpoint({ stop, listen }: FilesApplying, report: Report, what: string): void {
  stop.cannotUndo(report.progress);
  stop.check();
  const { done, total } = report;
  const step = `collecting ${what}: ${done} of ${total} items are gone`;
  listen({ event: 'progress', step, table: '', rows: null, share: total === 0 ? 1 : done / total });
}

/** @param models that are not deleted and go with their experiment */
async function collectOne(
  item: Chosen,
  models: readonly Chosen[],
  applying: FilesApplying,
  report: Report,
): Promise<void> {
  const { store, rules, artifacts } = applying;
  const removal = await removeFiled(store, item, rules, {
    along: new Set(models.map(({ id }) => id)),
    ...(artifacts ? { clear: (path) => clear(item, models, path, artifacts, store) } : {}),
  });
  if (removal.outcome === 'kept') report.keep(item, removal.reason);
  if (removal.outcome === 'failed') report.fail(item, removal.why);
  if (removal.outcome !== 'gone') return;
  report.gone[item.kind]++;
  report.gone.model += models.length;
  report.addArtifacts(removal);
}

/** The artifacts that do not lie in the item's own directory. */
async function clear(
  item: Chosen,
  models: readonly Chosen[],
  path: string,
  artifacts: Artifacts,
  store: FileStore,
): Promise<Clearing> {
  const size = { files: 0, bytes: 0 };
  for await (const page of placesOf(item, models, path, store))
    for (const removal of await artifacts.remove(page)) {
      if (removal.outcome !== 'gone') return removal;
      size.files += removal.files;
      size.bytes += removal.bytes;
    }
  return { outcome: 'gone', ...size };
}

async function* placesOf(
  item: Chosen,
  models: readonly Chosen[],
  path: string,
  store: FileStore,
): AsyncGenerator<Place[]> {
  const owners = item.kind === 'experiment' ? models : [item];
  const places = owners.flatMap(({ id, artifactUri }) =>
    artifactUri ? [{ owner: id, uri: artifactUri }] : [],
  );
  for (const some of chunks(places, 200)) yield some;
  if (item.kind === 'experiment') yield* tracePlacesIn(store, path);
}

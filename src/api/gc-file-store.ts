import type { Listener } from '../core/events.js';
import { Artifacts } from '../core/gc/artifacts.js';
import { type MissingRoot, missingAmong, refuseMissing } from '../core/gc/artifacts-roots.js';
import type { Rules } from '../core/gc/eligible-rules.js';
import { type FileStore, openFileStore } from '../core/gc/file-store.js';
import { collectFiles } from '../core/gc/file-store-apply.js';
import { experimentsOf } from '../core/gc/file-store-find.js';
import { finishLeftovers, type Leftovers, leftoversOf } from '../core/gc/file-store-leftovers.js';
import { countFiled, planFiles, protectInFiles, refuseAnotherStore } from '../core/gc/file-store-plan.js';
import { registeredInFiles } from '../core/gc/file-store-registered.js';
import {
  keepWithArtifacts,
  type SelectedFiles,
  selectFiles,
  selectFilesAgain,
  withoutOwn,
} from '../core/gc/file-store-select.js';
import { writePlan } from '../core/gc/plan-file.js';
import { refuseSurprise } from '../core/gc/plan-limits.js';
import type { PlanKind } from '../core/gc/plan-select.js';
import { Report, refuseFailed } from '../core/gc/report.js';
import { withRegistered } from '../core/gc/selection.js';
import type { Stop } from '../core/stop.js';
import { usageError } from '../errors.js';
import { placesOf, registeredFor, warnOfMissing } from './gc-looking.js';
import { artifactOptions } from './gc-options.js';
import {
  errorOf,
  type GcCollected,
  type GcPlanned,
  type GcRequest,
  type GcResult,
  notAgreed,
} from './gc-result.js';

/** A collection in MLflow's store in a directory. @param path of the directory */
export async function gcFileStore(
  path: string,
  request: GcRequest,
  stop: Stop,
  listen: Listener,
): Promise<GcResult> {
  refuseMeaningless(request);
  const store = await openFileStore(path, process.cwd());
  stop.cannotUndo('nothing was deleted');
  const job = await prepare(store, request, listen, stop);
  try {
    return await (request.options.dry ? planned(job, request, stop) : carryOut(job, request, listen, stop));
  } finally {
    await job.artifacts?.close();
  }
}

/** What is for databases alone. @throws exit 2 */
function refuseMeaningless({ options, rules, file }: GcRequest): void {
  const given = (
    [
      ['orphans', '--orphans'],
      ['orphanArtifacts', '--orphan-artifacts'],
      ['deleteOrphanArtifacts', '--delete-orphan-artifacts'],
      ['vacuum', '--vacuum'],
      ['jobs', '--jobs'],
      ['jobIds', '--job-ids'],
      ['password', '--password-file'],
    ] as const
  ).flatMap(([name, option]) => (options[name] === undefined || options[name] === false ? [] : [option]));
  if (given.length > 0)
    throw usageError(
      `${given.join(', ')} say${given.length > 1 ? '' : 's'} nothing of a file store: it has no rows, jobs or password`,
      'leave it out',
    );
  const { workspace } = rules;
  if (!file && workspace !== null && workspace !== 'default')
    throw usageError(
      `a file store has no workspaces, and ${JSON.stringify(workspace)} is asked for`,
      'leave out --workspace, or unset MLFLOW_WORKSPACE',
    );
}

/** A store that was looked through. */
interface Job {
  readonly store: FileStore;
  readonly rules: Rules;
  readonly selected: SelectedFiles;
  readonly artifacts: Artifacts | null;
  readonly missing: readonly MissingRoot[];
}

async function prepare(store: FileStore, request: GcRequest, listen: Listener, stop: Stop): Promise<Job> {
  const { options, choices, file } = request;
  const checkpoint = () => stop.check();
  const warn = (message: string) => listen({ event: 'warning', message });
  if (file) await refuseAnotherStore(store, file.identity, options.applyPlan as string);
  if (!options.dry) tell(await finishLeftovers(store, 'undecided'), warn);
  else if ((await leftoversOf(store)).length > 0)
    warn('an earlier mltrack gc did not get to its end, or one is at work; without --dry-run it is ended');
  const registered = await registeredFor(() => registeredInFiles(store), request, { stop, listen });
  const rules = withRegistered(request.rules, registered);
  const chosen = file
    ? await selectFilesAgain(store, rules, file, checkpoint)
    : await selectFiles(store, rules, checkpoint);
  const selected = choices.keepArtifacts ? await keepWithArtifacts(store, chosen) : chosen;
  const artifacts = choices.keepArtifacts ? null : new Artifacts(artifactOptions(options), stop);
  if (artifacts) await protectInFiles(store, await experimentsOf(store), artifacts);
  const missing = artifacts
    ? await missingAmong(
        await withoutOwn(store, selected.items),
        new Set<string>(),
        placesOf(request, artifacts),
      )
    : [];
  warnOfMissing(missing, request, listen);
  return { store, rules, selected, artifacts, missing };
}

function tell({ failures }: Leftovers, warn: (message: string) => void): void {
  for (const failure of failures) warn(failure);
}

const placed = ({ root }: FileStore) => ({ place: root, server: 'file store', revision: null });

const counted = (
  { store, selected, missing }: Job,
  request: GcRequest,
  stop: Stop,
  artifacts: Artifacts | null,
) =>
  planFiles({
    ...{ store, selected, missing, artifacts, choices: request.choices, now: request.now },
    checkpoint: () => stop.check(),
  });

async function planned(job: Job, request: GcRequest, stop: Stop): Promise<GcPlanned> {
  const { options, limits } = request;
  const plan = await counted(job, request, stop, job.artifacts);
  if (options.plan !== undefined) await writePlan(options.plan, plan);
  const count = (kind: PlanKind) => countFiled(job.store, kind);
  return {
    ...placed(job.store),
    plan,
    goes: plan.items.length > 0,
    error: await errorOf(() => refuseSurprise(count, plan.items, limits)),
  };
}

async function carryOut(job: Job, request: GcRequest, listen: Listener, stop: Stop): Promise<GcCollected> {
  const { options, limits, choices } = request;
  const { store, selected } = job;
  const chosen = { items: selected.items, choices };
  const started = Date.now();
  await refuseSurprise((kind) => countFiled(store, kind), selected.items, limits);
  if (!options.missingRootsGone) refuseMissing(job.missing);
  if (!options.yes && selected.items.length > 0)
    if (!(await options.agree?.(await counted(job, request, stop, null)))) {
      stop.check();
      throw notAgreed(selected.items.length, store.root);
    }
  const finish = async () =>
    tell(await finishLeftovers(store), (message) => listen({ event: 'warning', message }));
  // What an earlier run had decided goes, also where there is nothing new.
  await finish();
  if (selected.items.length + selected.unreadable.size === 0) {
    const report = new Report(selected.kept, 0);
    return { ...placed(store), ...chosen, report, nothing: true, seconds: 0, error: null };
  }
  const report = await collectFiles(selected, { ...job, stop, listen }).finally(finish);
  const seconds = (Date.now() - started) / 1000;
  return {
    ...{ ...placed(store), ...chosen },
    report,
    nothing: false,
    seconds,
    error: await errorOf(() => refuseFailed(report)),
  };
}

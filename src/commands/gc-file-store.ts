import { Artifacts } from '../core/gc/artifacts.js';
import {
  type MissingRoot,
  missingAmong,
  missingRootWords,
  refuseMissing,
} from '../core/gc/artifacts-roots.js';
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
import type { PlanChoices } from '../core/gc/plan.js';
import { type ReadPlan, writePlan } from '../core/gc/plan-file.js';
import { type Limits, refuseSurprise } from '../core/gc/plan-limits.js';
import { registeredIn, registryUri } from '../core/gc/registry.js';
import { refuseFailed } from '../core/gc/report.js';
import { withRegistered } from '../core/gc/selection.js';
import type { Stop } from '../core/stop.js';
import { parseUri } from '../dialects/index.js';
import { confirmationError, usageError } from '../errors.js';
import { printCollected, printNothing, summaryOf } from '../render/gc.js';
import { printGcPlan } from '../render/gc-plan.js';
import { gcReporterFor } from '../render/gc-progress.js';
import { count } from '../render/sentences.js';
import type { Reporter } from '../render/upgrade.js';
import { agreement } from './agreeing.js';
import { openToRead } from './connecting.js';
import { artifactOptions, type GcOptions } from './gc-options.js';

/** What the command line comes to. */
export interface FileRequest {
  readonly options: GcOptions;
  readonly rules: Rules;
  readonly choices: PlanChoices;
  readonly limits: Limits;
  readonly file: ReadPlan | null;
  readonly now: number;
  readonly dry: boolean;
}

/** `mltrack gc` on MLflow's store in a directory. @param path of the directory */
export async function gcFileStore(path: string, request: FileRequest, stop: Stop): Promise<void> {
  refuseMeaningless(request);
  const { options, dry } = request;
  const store = await openFileStore(path, process.cwd());
  const reporter = await gcReporterFor(dry ? { quiet: true } : options);
  try {
    stop.cannotUndo('nothing was deleted');
    const job = await prepare(store, request, reporter, stop);
    try {
      if (dry) await showPlan(job, request, stop);
      else await carryOut(job, request, reporter, stop);
    } finally {
      await job.artifacts?.close();
    }
  } finally {
    reporter.close();
  }
}

/** What is for databases alone. @throws exit 2 */
function refuseMeaningless({ options, rules, file }: FileRequest): void {
  const given = (
    [
      ['orphans', '--orphans'],
      ['orphanArtifacts', '--orphan-artifacts'],
      ['deleteOrphanArtifacts', '--delete-orphan-artifacts'],
      ['vacuum', '--vacuum'],
      ['jobs', '--jobs'],
      ['jobIds', '--job-ids'],
      ['passwordFile', '--password-file'],
      ['passwordStdin', '--password-stdin'],
    ] as const
  ).flatMap(([name, option]) => (options[name] === undefined ? [] : [option]));
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

async function prepare(
  store: FileStore,
  request: FileRequest,
  { listen }: Reporter,
  stop: Stop,
): Promise<Job> {
  const { options, choices, file, dry } = request;
  const checkpoint = () => stop.check();
  const warn = (message: string) => listen({ event: 'warning', message });
  if (file) await refuseAnotherStore(store, file.identity, options.applyPlan as string);
  if (!dry) tell(await finishLeftovers(store, 'undecided'), warn);
  else if ((await leftoversOf(store)).length > 0)
    warn('an earlier mltrack gc did not get to its end, or one is at work; without --dry-run it is ended');
  const registered = await registeredIn(() => registeredInFiles(store), {
    ...{ ...choices, env: process.env, cwd: process.cwd(), stop },
    uri: registryUri(options.registryStoreUri, process.env),
    open: async (text) => (await openToRead(parseUri(text), { wait: options.wait }, stop, listen)).session,
    listen,
  });
  const rules = withRegistered(request.rules, registered);
  const chosen = file
    ? await selectFilesAgain(store, rules, file, checkpoint)
    : await selectFiles(store, rules, checkpoint);
  const selected = choices.keepArtifacts ? await keepWithArtifacts(store, chosen) : chosen;
  const artifacts = choices.keepArtifacts ? null : new Artifacts(artifactOptions(options), stop);
  if (artifacts) await protectInFiles(store, await experimentsOf(store), artifacts);
  const missing = artifacts
    ? await missingAmong(await withoutOwn(store, selected.items), new Set<string>(), {
        ...{ cwd: process.cwd(), artifactsDestination: options.artifactsDestination },
        holdsAnything: (place) => artifacts.holdsAnything(place),
      })
    : [];
  if (dry || options.missingRootsGone) for (const root of missing) warn(missingRootWords(root));
  return { store, rules, selected, artifacts, missing };
}

function tell({ failures }: Leftovers, warn: (message: string) => void): void {
  for (const failure of failures) warn(failure);
}

/** What the printers want to know of the place. */
const placed = ({ root }: FileStore) => ({ session: { place: root, server: 'file store' }, revision: null });

const counted = (
  { store, selected, missing }: Job,
  request: FileRequest,
  stop: Stop,
  artifacts: Artifacts | null,
) =>
  planFiles({
    ...{ store, selected, missing, artifacts, choices: request.choices, now: request.now },
    checkpoint: () => stop.check(),
  });

async function showPlan(job: Job, request: FileRequest, stop: Stop): Promise<void> {
  const { options, limits } = request;
  const plan = await counted(job, request, stop, job.artifacts);
  if (options.plan !== undefined) await writePlan(options.plan, plan);
  printGcPlan(plan, placed(job.store).session, options);
  await refuseSurprise((kind) => countFiled(job.store, kind), plan.items, limits);
}

async function carryOut(job: Job, request: FileRequest, reporter: Reporter, stop: Stop): Promise<void> {
  const { options, limits, choices } = request;
  const { store, selected } = job;
  const started = Date.now();
  const { listen } = reporter;
  await refuseSurprise((kind) => countFiled(store, kind), selected.items, limits);
  if (!options.missingRootsGone) refuseMissing(job.missing);
  const { yes, ask } = agreement({ ...options }, { database: store.root }, stop);
  if (!yes && selected.items.length > 0) {
    const meaning = ask ? summaryOf(await counted(job, request, stop, null), choices) : '';
    if (!ask || !(await ask([{ key: 'gc', meaning }]))) {
      stop.check();
      throw confirmationError(
        `${count(selected.items.length, 'item')} would be deleted for good from ${store.root}; nothing was deleted`,
        'look at them with --dry-run, then agree with --yes',
      );
    }
  }
  const finish = async () =>
    tell(await finishLeftovers(store), (message) => listen({ event: 'warning', message }));
  // What an earlier run had decided goes, also where there is nothing new.
  await finish();
  const nothing = selected.items.length + selected.unreadable.size === 0;
  if (nothing) return printNothing(selected, placed(store), options);
  const report = await collectFiles(selected, { ...job, stop, listen }).finally(finish);
  reporter.close();
  printCollected(report, placed(store), (Date.now() - started) / 1000, options);
  refuseFailed(report);
}

import type { Listener } from '../core/events.js';
import { collect } from '../core/gc/apply.js';
import { Artifacts } from '../core/gc/artifacts.js';
import { type MissingRoot, missingRoots, refuseMissing } from '../core/gc/artifacts-roots.js';
import { RowDeleter } from '../core/gc/delete-rows.js';
import { readRegistered } from '../core/gc/eligible-registered.js';
import type { Rules } from '../core/gc/eligible-rules.js';
import { fileStoreOf } from '../core/gc/file-store-default.js';
import { giveBack } from '../core/gc/give-back.js';
import { keepHeld } from '../core/gc/held.js';
import { loadLinks } from '../core/gc/links.js';
import { refuseLeftOrphans } from '../core/gc/orphan-artifacts-remove.js';
import { type GcPlan, type PlanChoices, planOf } from '../core/gc/plan.js';
import { readPlan, writePlan } from '../core/gc/plan-file.js';
import { identityOf, refuseAnother } from '../core/gc/plan-identity.js';
import { type KnownAt, knownOf } from '../core/gc/plan-known.js';
import { limitsOf, refuseSurprise } from '../core/gc/plan-limits.js';
import { protectIn } from '../core/gc/plan-protect.js';
import { type Selected, select, selectAgain } from '../core/gc/plan-select.js';
import { Report, refuseFailed } from '../core/gc/report.js';
import { rulesOf, withRegistered } from '../core/gc/selection.js';
import { stoppable } from '../core/gc/stopping.js';
import { type Stop, withStop } from '../core/stop.js';
import type { Session } from '../dialects/dialect.js';
import { changing, defaultLockTimeoutMs, listenerOf, reading, type Working } from './connecting.js';
import { placesOf, registeredFor, warnOfMissing } from './gc-looking.js';
import { artifactOptions, type GcOptions, wordsOf } from './gc-options.js';
import { type OrphanJob, type OrphanMode, orphanModeOf, orphansFor } from './gc-orphan-artifacts.js';
import {
  errorOf,
  type GcCollected,
  type GcPlanned,
  type GcRequest,
  type GcResult,
  notAgreed,
} from './gc-result.js';
import type { Database } from './options.js';

interface Request extends GcRequest {
  readonly orphanMode: OrphanMode;
}

/** Deletes for good what is deleted in MLflow; see `src/index.ts`. @param last asks the open session something more */
export async function gc(
  database: Database,
  given: GcOptions = {},
  last: (session: Session, revision: string | null) => Promise<void> = async () => undefined,
): Promise<GcResult> {
  const request = await requestOf(given);
  const { options } = request;
  const directory = typeof database === 'string' ? fileStoreOf(database, process.cwd()) : null;
  if (directory !== null) {
    const { gcFileStore } = await import('./gc-file-store.js');
    return withStop(options.signal, (stop) => gcFileStore(directory, request, stop, listenerOf(options)));
  }
  const bracket = options.dry ? reading : changing;
  return bracket(database, options, (working) =>
    stoppable(working.session, working.stop, async () => {
      const result = await inDatabase(request, working);
      await last(working.session, result.revision);
      return result;
    }),
  );
}

async function inDatabase(request: Request, { session, stop, listen }: Working): Promise<GcResult> {
  const job = await prepare(session, request, stop, listen);
  try {
    return await (request.options.dry ? planned(job, request, stop) : carryOut(job, request, stop, listen));
  } finally {
    await job.artifacts?.close();
  }
}

async function requestOf(given: GcOptions): Promise<Request> {
  const options = wordsOf(given, process.env);
  artifactOptions(options);
  const limits = limitsOf(options);
  const now = Date.now();
  const file = options.applyPlan === undefined ? null : await readPlan(options.applyPlan);
  const rules = rulesOf(options, process.env, now);
  const own: PlanChoices = {
    ...{ cutoff: rules.cutoff, undated: rules.undated, workspace: rules.workspace },
    includeActiveModels: options.includeActiveModels ?? false,
    includeRegistered: options.includeRegistered,
    ignoreRegistry: options.ignoreRegistry,
    keepArtifacts: options.keepArtifacts,
    orphans: options.orphans,
  };
  const orphanMode = orphanModeOf(options, file);
  if (!file) return { options, limits, now, file, rules, orphanMode, choices: own };
  const choices = { ...file.choices, keepArtifacts: file.choices.keepArtifacts || own.keepArtifacts };
  const { cutoff, undated, workspace } = choices;
  const activeModels = choices.includeActiveModels ? 'go' : 'hold';
  return {
    ...{ options, limits, now, file, orphanMode, choices },
    rules: { ...rules, cutoff, undated, workspace, activeModels, jobs: false, ids: {} },
  };
}

/** A database that was looked through. */
interface Job {
  readonly known: KnownAt;
  readonly deleter: RowDeleter;
  readonly rules: Rules;
  readonly selected: Selected;
  readonly artifacts: Artifacts | null;
  readonly missing: readonly MissingRoot[];
  readonly orphanJob: OrphanJob | null;
}

async function prepare(session: Session, request: Request, stop: Stop, listen: Listener): Promise<Job> {
  const { options, choices, file, orphanMode } = request;
  stop.cannotUndo('nothing was deleted');
  const checkpoint = () => stop.check();
  const known = await knownOf(session);
  if (file) await refuseAnother(known, file.identity, options.applyPlan as string);
  // An orphan that a registry names stays, whatever becomes of items.
  const includeRegistered = choices.includeRegistered && orphanMode === null;
  const own = () => readRegistered(session);
  const registered = await registeredFor(own, request, { stop, listen }, includeRegistered);
  const rules = withRegistered(request.rules, choices.includeRegistered ? null : registered);
  const deleter = await RowDeleter.open(session, known.schema, await loadLinks(), known.strangers);
  const chosen = file
    ? await selectAgain(known, rules, file.planned, file.inside, checkpoint)
    : await select(known, rules, checkpoint);
  const selected = await keepHeld(deleter, chosen);
  const artifacts = choices.keepArtifacts ? null : new Artifacts(artifactOptions(options), stop);
  if (artifacts) await protectIn(known, artifacts);
  const missing = artifacts ? await missingRoots(known, selected.items, placesOf(request, artifacts)) : [];
  warnOfMissing(missing, request, listen);
  const search = {
    ...{ walk: deleter.walk, rules, registered, artifacts, stop, listen },
    missingGone: options.missingRootsGone,
  };
  const orphanJob = await orphansFor(orphanMode, search, file);
  return { known, deleter, rules, selected, artifacts, missing, orphanJob };
}

const counted = (job: Job, { choices, now }: Request, stop: Stop, artifacts: Artifacts | null) =>
  identityOf(job.known).then(
    (identity): Promise<GcPlan> =>
      planOf({
        ...{ ...job, identity, choices, artifacts, now, checkpoint: () => stop.check() },
        orphanArtifacts: job.orphanJob?.found ?? null,
      }),
  );

/** The plan is made, also where a limit then refuses it. */
async function planned(job: Job, request: Request, stop: Stop): Promise<GcPlanned> {
  const { options, limits } = request;
  const plan = await counted(job, request, stop, job.artifacts);
  if (options.plan !== undefined) await writePlan(options.plan, plan);
  const going = job.orphanJob?.going ?? 0;
  return {
    ...placed(job),
    plan,
    goes: plan.items.length + going + (plan.orphans ?? []).length > 0,
    error: await errorOf(() => refuseSurprise(job.known, plan.items, limits, going)),
  };
}

const placed = ({ known: { session, revision } }: Job) => ({
  ...{ place: session.place, server: session.server, revision },
});

async function carryOut(job: Job, request: Request, stop: Stop, listen: Listener): Promise<GcCollected> {
  const { options, limits, choices } = request;
  const { known, selected, orphanJob } = job;
  const chosen = { items: selected.items, choices };
  const folders = orphanJob?.going ?? 0;
  const started = Date.now();
  if (selected.items.length + folders === 0 && !choices.orphans && !options.vacuum) {
    const report = new Report(selected.kept, 0);
    report.orphanArtifacts = (await orphanJob?.remove()) ?? null;
    const error = await errorOf(() => refuseLeftOrphans(report.orphanArtifacts));
    return { ...placed(job), ...chosen, report, nothing: true, seconds: 0, error };
  }
  await refuseSurprise(known, selected.items, limits, folders);
  if (!options.missingRootsGone) refuseMissing(job.missing);
  if (!options.yes && !(await options.agree?.(await counted(job, request, stop, null)))) {
    stop.check();
    throw notAgreed(selected.items.length, known.session.place, folders);
  }
  // First: where an experiment goes its location is known no more.
  const orphanArtifacts = (await orphanJob?.remove()) ?? null;
  const report = await collect(selected, { ...job, orphans: choices.orphans, stop, listen });
  report.orphanArtifacts = orphanArtifacts;
  if (options.vacuum)
    await giveBack(known, report, {
      lockTimeoutMs: options.lockTimeoutMs ?? defaultLockTimeoutMs,
      stop,
      listen,
    });
  const seconds = (Date.now() - started) / 1000;
  const error = await errorOf(() => {
    refuseFailed(report);
    refuseLeftOrphans(orphanArtifacts);
  });
  return { ...placed(job), ...chosen, report, nothing: false, seconds, error };
}

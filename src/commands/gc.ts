import type { Command } from 'commander';
import { withSession } from '../core/connection.js';
import { collect } from '../core/gc/apply.js';
import { Artifacts } from '../core/gc/artifacts.js';
import {
  type MissingRoot,
  missingRoots,
  missingRootWords,
  refuseMissing,
} from '../core/gc/artifacts-roots.js';
import { RowDeleter } from '../core/gc/delete-rows.js';
import { readRegistered } from '../core/gc/eligible-registered.js';
import type { Rules } from '../core/gc/eligible-rules.js';
import { fileStoreOf } from '../core/gc/file-store-default.js';
import { giveBack } from '../core/gc/give-back.js';
import { keepHeld } from '../core/gc/held.js';
import { loadLinks } from '../core/gc/links.js';
import { refuseLeftOrphans } from '../core/gc/orphan-artifacts-remove.js';
import { type GcPlan, type PlanChoices, planOf } from '../core/gc/plan.js';
import { type ReadPlan, readPlan, writePlan } from '../core/gc/plan-file.js';
import { identityOf, refuseAnother } from '../core/gc/plan-identity.js';
import { type KnownAt, knownOf } from '../core/gc/plan-known.js';
import { type Limits, limitsOf, refuseSurprise } from '../core/gc/plan-limits.js';
import { protectIn } from '../core/gc/plan-protect.js';
import { type Selected, select, selectAgain } from '../core/gc/plan-select.js';
import { registeredIn, registryUri } from '../core/gc/registry.js';
import { refuseFailed } from '../core/gc/report.js';
import { rulesOf, withRegistered } from '../core/gc/selection.js';
import { stoppable } from '../core/gc/stopping.js';
import type { Stop } from '../core/stop.js';
import type { Session } from '../dialects/dialect.js';
import { parseUri } from '../dialects/index.js';
import { confirmationError } from '../errors.js';
import { printCollected, printNothing, summaryOf } from '../render/gc.js';
import { printGcPlan } from '../render/gc-plan.js';
import { gcReporterFor } from '../render/gc-progress.js';
import { count } from '../render/sentences.js';
import type { Reporter } from '../render/upgrade.js';
import { agreement } from './agreeing.js';
import { durationsOf, openToChange, openToRead, uriOf } from './connecting.js';
import { gcFileStore } from './gc-file-store.js';
import {
  artifactOptions,
  backendUri,
  type GcOptions,
  gcOptions,
  refuseBeside,
  withArgument,
} from './gc-options.js';
import { type OrphanJob, type OrphanMode, orphanModeOf, orphansFor } from './gc-orphan-artifacts.js';

const examples = `
Examples:
  mltrack gc sqlite:///mlflow.db --older-than 30d --dry-run
  mltrack gc --backend-store-uri postgresql://mlflow@db.example/mlflow --older-than 30d --plan gc.json
  mltrack gc --backend-store-uri postgresql://mlflow@db.example/mlflow --apply-plan gc.json --yes
  mltrack gc --older-than 2w --max-fraction 20% --yes --json

Exit codes: 0 done, 2 usage, 5 not MLflow's or too new, 6 needs --yes, 7 locked, 8 some artifacts could not be
  removed and their items stay, 9 cannot connect, 10 refused: another database's plan, --max-delete, a schema that is
  not whole, a registry that cannot be read, artifact directories that are not here; 130/143 stopped by a signal. All: docs/exit-codes.md. More: docs/gc.md`;

/** `mltrack gc`. */
export function gcCommand(stop: Stop): Command {
  return gcOptions('gc')
    .addHelpText('after', examples)
    .action((uri: string | undefined, options: GcOptions) => run(withArgument(uri, options), stop));
}

const isDry = ({ dryRun, plan }: GcOptions): boolean => dryRun !== undefined || plan !== undefined;

/** What a command line comes to, before anything is opened. */
interface Request {
  readonly options: GcOptions;
  readonly rules: Rules;
  readonly choices: PlanChoices;
  readonly limits: Limits;
  readonly file: ReadPlan | null;
  readonly orphanMode: OrphanMode;
  readonly now: number;
}

async function run(options: GcOptions, stop: Stop): Promise<void> {
  const request = await requestOf(options);
  const text = backendUri(options, process.env);
  const directory = fileStoreOf(text, process.cwd());
  if (directory !== null) return gcFileStore(directory, { ...request, dry: isDry(options) }, stop);
  const uri = await uriOf(text, options, stop);
  const asked = agreement({ ...options }, uri, stop);
  const dry = isDry(options);
  const reporter = await gcReporterFor(dry ? { quiet: true } : options);
  const open = dry ? openToRead : openToChange;
  try {
    const { session } = await open(uri, options, stop, reporter.listen);
    const work = async () => {
      const job = await prepare(session, request, reporter, stop);
      try {
        if (dry) await showPlan(job, request, stop);
        else await carryOut(job, request, { ...asked, reporter, stop });
      } finally {
        await job.artifacts?.close();
      }
    };
    await withSession(session, () => stoppable(session, stop, work));
  } finally {
    reporter.close();
  }
}

async function requestOf(options: GcOptions): Promise<Request> {
  durationsOf(options);
  refuseBeside(options);
  artifactOptions(options);
  const limits = limitsOf(options);
  const now = Date.now();
  const file = options.applyPlan === undefined ? null : await readPlan(options.applyPlan);
  const rules = rulesOf(options, process.env, now);
  const own: PlanChoices = {
    ...{ cutoff: rules.cutoff, undated: rules.undated, workspace: rules.workspace },
    includeActiveModels: options.includeActiveModels ?? false,
    includeRegistered: options.includeRegistered ?? false,
    ignoreRegistry: options.ignoreRegistry ?? false,
    keepArtifacts: options.keepArtifacts ?? false,
    orphans: options.orphans ?? false,
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

async function prepare(session: Session, request: Request, reporter: Reporter, stop: Stop): Promise<Job> {
  const { options, choices, file, orphanMode } = request;
  const { listen } = reporter;
  stop.cannotUndo('nothing was deleted');
  const checkpoint = () => stop.check();
  const known = await knownOf(session);
  if (file) await refuseAnother(known, file.identity, options.applyPlan as string);
  const registered = await registeredIn(() => readRegistered(session), {
    ...{ ...choices, env: process.env, cwd: process.cwd(), stop },
    // An orphan that a registry names stays, whatever becomes of items.
    includeRegistered: choices.includeRegistered && orphanMode === null,
    uri: registryUri(options.registryStoreUri, process.env),
    open: async (text) => (await openToRead(parseUri(text), { wait: options.wait }, stop, listen)).session,
    listen,
  });
  const rules = withRegistered(request.rules, choices.includeRegistered ? null : registered);
  const deleter = await RowDeleter.open(session, known.schema, await loadLinks(), known.strangers);
  const chosen = file
    ? await selectAgain(known, rules, file.planned, file.inside, checkpoint)
    : await select(known, rules, checkpoint);
  const selected = await keepHeld(deleter, chosen);
  const artifacts = choices.keepArtifacts ? null : new Artifacts(artifactOptions(options), stop);
  if (artifacts) await protectIn(known, artifacts);
  const missing = artifacts
    ? await missingRoots(known, selected.items, {
        ...{ cwd: process.cwd(), artifactsDestination: options.artifactsDestination },
        holdsAnything: (place) => artifacts.holdsAnything(place),
      })
    : [];
  if (isDry(options) || options.missingRootsGone)
    for (const root of missing) listen({ event: 'warning', message: missingRootWords(root) });
  const search = {
    ...{ walk: deleter.walk, rules, registered, artifacts, stop, listen },
    missingGone: options.missingRootsGone ?? false,
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

/** The plan is shown, also where a limit then refuses it. */
async function showPlan(job: Job, request: Request, stop: Stop): Promise<void> {
  const { options, limits } = request;
  const plan = await counted(job, request, stop, job.artifacts);
  if (options.plan !== undefined) await writePlan(options.plan, plan);
  printGcPlan(plan, job.known.session, options);
  await refuseSurprise(job.known, plan.items, limits, job.orphanJob?.going);
}

interface Carrying {
  readonly yes: boolean;
  readonly ask?: ReturnType<typeof agreement>['ask'];
  readonly reporter: Reporter;
  readonly stop: Stop;
}

async function carryOut(job: Job, request: Request, { yes, ask, reporter, stop }: Carrying): Promise<void> {
  const { options, limits, choices } = request;
  const { known, selected, orphanJob } = job;
  const folders = orphanJob?.going ?? 0;
  const started = Date.now();
  if (selected.items.length + folders === 0 && !choices.orphans && !options.vacuum) {
    const nothing = (await orphanJob?.remove()) ?? null;
    printNothing(selected, known, options, nothing);
    return refuseLeftOrphans(nothing);
  }
  await refuseSurprise(known, selected.items, limits, folders);
  if (!options.missingRootsGone) refuseMissing(job.missing);
  if (!yes) {
    const meaning = ask ? summaryOf(await counted(job, request, stop, null), choices) : '';
    if (!ask || !(await ask([{ key: 'gc', meaning }]))) {
      stop.check();
      throw confirmationError(
        `${count(selected.items.length, 'item')}${folders > 0 ? ` and ${folders} folders that belong to nothing` : ''} would be deleted for good from ${known.session.place}; nothing was deleted`,
        'look at them with --dry-run, then agree with --yes',
      );
    }
  }
  const { listen } = reporter;
  // First: where an experiment goes its location is known no more.
  const orphanArtifacts = (await orphanJob?.remove()) ?? null;
  const report = await collect(selected, { ...job, orphans: choices.orphans, stop, listen });
  report.orphanArtifacts = orphanArtifacts;
  if (options.vacuum) await giveBack(known, report, { ...durationsOf(options), stop, listen });
  reporter.close();
  printCollected(report, known, (Date.now() - started) / 1000, options);
  refuseFailed(report);
  refuseLeftOrphans(orphanArtifacts);
}

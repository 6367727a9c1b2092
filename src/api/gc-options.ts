import type { ArtifactOptions } from '../artifacts/store.js';
import type { GcPlan } from '../core/gc/plan.js';
import type { SelectionOptions } from '../core/gc/selection.js';
import { optionName } from '../core/option-name.js';
import { usageError } from '../errors.js';
import type { ChangingOptions } from './options.js';

/** Ids in a list, or parted by commas. */
type Ids = string | readonly string[] | undefined;

/**
 * What a collection takes along, and how: the options of `mltrack gc`, in docs/gc.md. What is not given comes from
 * MLflow's variables there, too: a registry that is elsewhere must keep what it names.
 */
export interface GcOptions extends ChangingOptions {
  /** Only count and list; nothing is deleted. */
  readonly dryRun?: boolean | undefined;
  /** The same, and write the plan into this file. */
  readonly plan?: string | undefined;
  /** Delete only what this file lists. */
  readonly applyPlan?: string | undefined;
  /** Agree to the deletion. */
  readonly yes?: boolean | undefined;
  /** Decides where `yes` is not given; without it, or where it says no, the work ends with exit 6. */
  readonly agree?: ((plan: GcPlan) => Promise<boolean>) | undefined;
  /** Deleted so long ago: "30d", "2w", "12h30m", a date. Without it whatever is deleted goes. */
  readonly olderThan?: string | undefined;
  readonly runIds?: Ids;
  readonly experimentIds?: Ids;
  readonly loggedModelIds?: Ids;
  readonly jobIds?: Ids;
  /** Jobs that have ended, too. */
  readonly jobs?: boolean | undefined;
  /** Only this one; default MLFLOW_WORKSPACE, then "default". */
  readonly workspace?: string | undefined;
  readonly allWorkspaces?: boolean | undefined;
  /** Also what was deleted at an unknown time. */
  readonly undated?: boolean | undefined;
  readonly includeActiveModels?: boolean | undefined;
  /** Also rows that earlier collections left. */
  readonly orphans?: boolean | undefined;
  /** Give the space back where the server can. */
  readonly vacuum?: boolean | undefined;
  /** Stop when more items would go: exit 10. */
  readonly maxDelete?: number | string | undefined;
  /** Stop when a bigger part of a kind would go: 0.2, "20%". */
  readonly maxFraction?: number | string | undefined;
  /** Also runs and models that are registered. */
  readonly includeRegistered?: boolean | undefined;
  /** Default MLFLOW_REGISTRY_STORE_URI, MLFLOW_REGISTRY_URI, the tracking database. */
  readonly registryStoreUri?: string | undefined;
  readonly ignoreRegistry?: boolean | undefined;
  /** The place that mlflow-artifacts: stands for; default MLFLOW_ARTIFACTS_DESTINATION. */
  readonly artifactsDestination?: string | undefined;
  /** A server that hands out mlflow-artifacts:; default MLFLOW_TRACKING_URI. */
  readonly trackingUri?: string | undefined;
  /** Delete rows alone. */
  readonly keepArtifacts?: boolean | undefined;
  readonly missingRootsGone?: boolean | undefined;
  /** Report folders that belong to nothing. */
  readonly orphanArtifacts?: boolean | undefined;
  /** Remove them, if older than `olderThan`. */
  readonly deleteOrphanArtifacts?: boolean | undefined;
  /** Artifact requests at once, 1 to 999; default 16. */
  readonly concurrency?: number | string | undefined;
}

/** The options as their readers take them, which say of each mistake how the command line calls it. */
export interface GcWords extends ChangingOptions, SelectionOptions {
  readonly dry: boolean;
  readonly yes: boolean;
  readonly agree?: GcOptions['agree'];
  readonly plan?: string | undefined;
  readonly applyPlan?: string | undefined;
  readonly orphans: boolean;
  readonly vacuum: boolean;
  readonly maxDelete?: string;
  readonly maxFraction?: string;
  readonly includeRegistered: boolean;
  readonly registryStoreUri?: string | undefined;
  readonly ignoreRegistry: boolean;
  readonly artifactsDestination?: string | undefined;
  readonly trackingUri?: string | undefined;
  readonly keepArtifacts: boolean;
  readonly missingRootsGone: boolean;
  readonly orphanArtifacts: boolean;
  readonly deleteOrphanArtifacts: boolean;
  readonly concurrency: string;
}

/** @throws exit 2 for what excludes each other */
export function wordsOf(options: GcOptions, env: NodeJS.ProcessEnv): GcWords {
  refuseBeside(options);
  const { maxDelete, maxFraction, concurrency = 16 } = options;
  const ids = (list: Ids) => (typeof list === 'object' ? list.join(',') : list);
  const is = (value: boolean | undefined) => value ?? false;
  return {
    ...options,
    dry: is(options.dryRun) || options.plan !== undefined,
    yes: is(options.yes),
    runIds: ids(options.runIds),
    experimentIds: ids(options.experimentIds),
    loggedModelIds: ids(options.loggedModelIds),
    jobIds: ids(options.jobIds),
    orphans: is(options.orphans),
    vacuum: is(options.vacuum),
    includeRegistered: is(options.includeRegistered),
    ignoreRegistry: is(options.ignoreRegistry),
    keepArtifacts: is(options.keepArtifacts),
    missingRootsGone: is(options.missingRootsGone),
    orphanArtifacts: is(options.orphanArtifacts),
    deleteOrphanArtifacts: is(options.deleteOrphanArtifacts),
    ...{ maxDelete: undefined, maxFraction: undefined },
    ...(maxDelete === undefined ? {} : { maxDelete: String(maxDelete) }),
    ...(maxFraction === undefined ? {} : { maxFraction: String(maxFraction) }),
    concurrency: String(concurrency),
    artifactsDestination: options.artifactsDestination ?? env.MLFLOW_ARTIFACTS_DESTINATION,
    trackingUri: options.trackingUri ?? env.MLFLOW_TRACKING_URI,
  } as GcWords;
}

/** How artifacts are reached. @throws exit 2 */
export function artifactOptions({
  concurrency,
  artifactsDestination,
  trackingUri,
}: Pick<GcWords, 'concurrency' | 'artifactsDestination' | 'trackingUri'>): ArtifactOptions {
  if (!/^[1-9]\d{0,2}$/.test(concurrency))
    throw usageError(`--concurrency ${concurrency} is no number from 1 to 999`, 'example: --concurrency 32');
  return {
    concurrency: Number(concurrency),
    ...(artifactsDestination ? { artifactsDestination } : {}),
    ...(trackingUri ? { trackingUri } : {}),
  };
}

/** What a collection takes along. */
export const taking = [
  ...(['olderThan', 'runIds', 'experimentIds', 'loggedModelIds', 'jobs', 'jobIds', 'workspace'] as const),
  ...(['allWorkspaces', 'undated', 'includeActiveModels', 'includeRegistered'] as const),
  ...(['ignoreRegistry', 'orphans', 'orphanArtifacts', 'deleteOrphanArtifacts'] as const),
];

/** What a plan has decided already; beside it only how it is carried out may be said. */
const decided = [...taking, ...(['dryRun', 'plan'] as const)];

/** @throws exit 2 */
function refuseBeside(options: GcOptions): void {
  const given = decided.filter((name) => options[name] !== undefined && options[name] !== false);
  if (options.applyPlan === undefined || given.length === 0) return;
  throw usageError(
    `--apply-plan and ${given.map(optionName).join(', ')} exclude each other: the plan has decided that`,
    'leave them out, or make a new plan',
  );
}

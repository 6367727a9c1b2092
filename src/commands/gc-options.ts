import { Command, Option } from 'commander';
import type { ArtifactOptions } from '../artifacts/store.js';
import { defaultStore } from '../core/gc/file-store-default.js';
import type { SelectionOptions } from '../core/gc/selection.js';
import { usageError } from '../errors.js';
import type { AgreeingOptions } from './agreeing.js';
import { type LockingOptions, withLocking } from './connecting.js';

/** The command line of `mltrack gc`. */
export interface GcOptions
  extends LockingOptions,
    SelectionOptions,
    Pick<AgreeingOptions, 'yes' | 'quiet' | 'json'> {
  backendStoreUri?: string;
  artifactsDestination?: string;
  trackingUri?: string;
  registryStoreUri?: string;
  includeRegistered?: true;
  ignoreRegistry?: true;
  keepArtifacts?: true;
  missingRootsGone?: true;
  concurrency?: string;
  orphans?: true;
  orphanArtifacts?: true;
  deleteOrphanArtifacts?: true;
  vacuum?: true;
  dryRun?: true;
  plan?: string;
  applyPlan?: string;
  maxDelete?: string;
  maxFraction?: string;
}

/** Options of `mlflow gc` first, under their names there; then ours. */
export const gcOptions = (name: string): Command =>
  withLocking(
    new Command(name)
      .argument('[db_uri]', 'the same as --backend-store-uri')
      .option('--older-than <age>', 'only what was deleted so long ago: 30d, 2w, 12h30m, P30D, or a date')
      .option(
        '--backend-store-uri <uri>',
        'the tracking database or directory (default: MLFLOW_BACKEND_STORE_URI, MLFLOW_TRACKING_URI, ./mlruns if it holds experiments, ./mlflow.db)',
      )
      .addOption(
        new Option(
          '--artifacts-destination <uri>',
          'where the server keeps what the database calls mlflow-artifacts:',
        ).env('MLFLOW_ARTIFACTS_DESTINATION'),
      )
      .option('--run-ids <ids>', 'only these runs, parted by commas')
      .option('--experiment-ids <ids>', 'only these experiments, with all that is in them')
      .option('--logged-model-ids <ids>', 'only these logged models')
      .option('--jobs', 'jobs that have ended, too')
      .option('--job-ids <ids>', 'only these jobs')
      .addOption(
        new Option('--tracking-uri <uri>', 'a running server that hands out mlflow-artifacts:').env(
          'MLFLOW_TRACKING_URI',
        ),
      )
      .option('--workspace <name>', 'only this workspace (default: MLFLOW_WORKSPACE, then default)')
      .option('--all-workspaces', 'every workspace')
      .option('--undated', 'with --older-than: also what was deleted at an unknown time')
      .option('--include-active-models', 'an experiment takes along logged models that are not deleted')
      .option('--include-registered', 'also runs and logged models that are registered')
      .option(
        '--registry-store-uri <uri>',
        'the model registry (default: MLFLOW_REGISTRY_STORE_URI, MLFLOW_REGISTRY_URI, the tracking database)',
      )
      .option('--ignore-registry', 'go on where the registry cannot be read')
      .option('--keep-artifacts', 'delete rows alone')
      .option('--missing-roots-gone', 'go on where a local directory of artifacts is not on this machine')
      .option('--concurrency <n>', 'so many artifact requests at once', '16')
      .option('--orphans', 'also rows that earlier collections left behind')
      .option('--orphan-artifacts', 'report folders of runs and models that are not in the database')
      .option('--delete-orphan-artifacts', 'remove them, where their newest file is older than --older-than')
      .option('--vacuum', 'give the space back where the server can')
      .option('--dry-run', 'say what would go and what stays, and delete nothing')
      .option('--plan <file>', 'write that to a file, and delete nothing')
      .option('--apply-plan <file>', 'delete only what this file lists and still goes')
      .option('--max-delete <n>', 'stop when more items would go')
      .option('--max-fraction <part>', 'stop when more of the runs, models or experiments would go: 0.2, 20%')
      .option('-y, --yes', 'delete without a question (or MLTRACK_YES=1)')
      .option('-q, --quiet', 'print nothing but warnings, errors and what stayed')
      .option('--json', 'print JSON, one event a line'),
  );

/** The database as an argument, as the other commands take it, is `--backend-store-uri` in short. @throws exit 2 */
export function withArgument(uri: string | undefined, options: GcOptions): GcOptions {
  if (uri === undefined) return options;
  if (options.backendStoreUri !== undefined)
    throw usageError(
      'the database is named twice, as an argument and by --backend-store-uri',
      'leave one of them out',
    );
  return { ...options, backendStoreUri: uri };
}

/** The database that is meant, as MLflow finds it. @throws exit 2 */
export function backendUri(
  { backendStoreUri }: Pick<GcOptions, 'backendStoreUri'>,
  env: NodeJS.ProcessEnv,
): string {
  const text = backendStoreUri ?? env.MLFLOW_BACKEND_STORE_URI;
  if (text) return text;
  const tracking = env.MLFLOW_TRACKING_URI;
  if (tracking && !/^https?:/i.test(tracking)) return tracking;
  const usual = backendStoreUri === undefined ? defaultStore(process.cwd()) : null;
  if (usual !== null) return usual;
  throw usageError(
    'no backend store URI',
    'give --backend-store-uri, or set MLFLOW_BACKEND_STORE_URI',
    'examples: sqlite:///mlflow.db, postgresql://user@host:5432/mlflow, ./mlruns',
  );
}

/** How artifacts are reached. @throws exit 2 */
export function artifactOptions(options: GcOptions): ArtifactOptions {
  const { concurrency = '16', artifactsDestination, trackingUri } = options;
  if (!/^[1-9]\d{0,2}$/.test(concurrency))
    throw usageError(`--concurrency ${concurrency} is no number from 1 to 999`, 'example: --concurrency 32');
  return {
    concurrency: Number(concurrency),
    ...(artifactsDestination ? { artifactsDestination } : {}),
    ...(trackingUri ? { trackingUri } : {}),
  };
}

/** What a plan has decided already; beside it only how it is carried out may be said. */
const decided = [
  ...['olderThan', 'runIds', 'experimentIds', 'loggedModelIds', 'jobs', 'jobIds', 'workspace'],
  ...['allWorkspaces', 'undated', 'includeActiveModels', 'includeRegistered', 'ignoreRegistry', 'orphans'],
  ...['orphanArtifacts', 'deleteOrphanArtifacts'],
  ...['dryRun', 'plan'],
] as const;

/** @throws exit 2 */
export function refuseBeside(options: GcOptions): void {
  const given = decided.filter((name) => options[name as keyof GcOptions] !== undefined);
  if (options.applyPlan === undefined || given.length === 0) return;
  const names = given.map((name) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`);
  throw usageError(
    `--apply-plan and ${names.join(', ')} exclude each other: the plan has decided that`,
    'leave them out, or make a new plan',
  );
}

import { Command, Option } from 'commander';
import { defaultStore } from '../core/gc/file-store-default.js';
import type { SelectionOptions } from '../core/gc/selection.js';
import { usageError } from '../errors.js';
import type { AgreeingOptions } from './agreeing.js';
import { type LockingOptions, withLocking } from './connecting.js';
import { reportOption } from './reporting.js';

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
  report?: string;
  applyPlan?: string;
  maxDelete?: string;
  maxFraction?: string;
}

/** The options, those of every day first; those of `mlflow gc` have their names there. */
export const gcOptions = (name: string): Command =>
  withLocking(
    new Command(name)
      .argument('[db_uri]', 'the same as --backend-store-uri')
      .option('--older-than <age>', 'deleted so long ago: 30d, 2w, 12h30m, a date')
      .option('--dry-run', 'delete nothing, say what would go and stay')
      .option('--plan <file>', 'the same into a file, to look through')
      .option('--apply-plan <file>', 'delete only what this file lists')
      .option('-y, --yes', 'do not ask (or MLTRACK_YES=1)')
      .option('-q, --quiet', 'only warnings, errors and what stayed')
      .option('--json', 'print one JSON event a line')
      .option(...reportOption)
      .option(
        '--backend-store-uri <uri>',
        'the tracking database or directory (default: MLFLOW_BACKEND_STORE_URI, MLFLOW_TRACKING_URI, ./mlruns if it holds experiments, ./mlflow.db)',
      )
      .optionsGroup('What goes:')
      .option('--run-ids <ids>', 'only these runs')
      .option('--experiment-ids <ids>', 'only these experiments and what is in them')
      .option('--logged-model-ids <ids>', 'only these logged models')
      .option('--jobs', 'jobs that have ended, too')
      .option('--job-ids <ids>', 'only these jobs')
      .option('--workspace <name>', 'only this one (default: MLFLOW_WORKSPACE)')
      .option('--all-workspaces', 'every workspace')
      .option('--undated', 'also what was deleted at an unknown time')
      .option('--include-active-models', 'with an experiment also models not deleted')
      .option('--orphans', 'also rows that earlier collections left')
      .option('--vacuum', 'give the space back where the server can')
      .optionsGroup('Limits:')
      .option('--max-delete <n>', 'stop when more items would go')
      .option('--max-fraction <part>', 'stop when a bigger part would go: 0.2, 20%')
      .optionsGroup('Registered models:')
      .option('--include-registered', 'also runs and models that are registered')
      .option(
        '--registry-store-uri <uri>',
        'the model registry (default: MLFLOW_REGISTRY_STORE_URI, MLFLOW_REGISTRY_URI, the tracking database)',
      )
      .option('--ignore-registry', 'go on where the registry cannot be read')
      .optionsGroup('Artifacts:')
      .addOption(
        new Option('--artifacts-destination <uri>', 'the place that mlflow-artifacts: stands for').env(
          'MLFLOW_ARTIFACTS_DESTINATION',
        ),
      )
      .addOption(
        new Option('--tracking-uri <uri>', 'a server that hands out mlflow-artifacts:').env(
          'MLFLOW_TRACKING_URI',
        ),
      )
      .option('--keep-artifacts', 'delete rows alone')
      .option('--missing-roots-gone', 'go on where a directory is not on this machine')
      .option('--orphan-artifacts', 'report folders that belong to nothing')
      .option('--delete-orphan-artifacts', 'remove them, if older than --older-than')
      .option('--concurrency <n>', 'artifact requests at once', '16'),
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

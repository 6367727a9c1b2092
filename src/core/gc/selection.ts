import { usageError } from '../../errors.js';
import { cutoffOf } from './durations.js';
import type { Registered } from './eligible-registered.js';
import type { Rules } from './eligible-rules.js';

/** What the command line says about what shall go. */
export interface SelectionOptions {
  readonly olderThan?: string | undefined;
  readonly undated?: boolean | undefined;
  readonly runIds?: string | undefined;
  readonly experimentIds?: string | undefined;
  readonly loggedModelIds?: string | undefined;
  readonly jobs?: boolean | undefined;
  readonly jobIds?: string | undefined;
  readonly workspace?: string | undefined;
  readonly allWorkspaces?: boolean | undefined;
  readonly includeActiveModels?: boolean | undefined;
}

/**
 * The rules that they mean, but for what is registered.
 *
 * @param now milliseconds since the epoch
 * @throws exit 2
 */
export function rulesOf(options: SelectionOptions, env: NodeJS.ProcessEnv, now: number): Rules {
  const { olderThan, workspace, allWorkspaces = false } = options;
  if (workspace !== undefined && allWorkspaces)
    throw usageError('--workspace and --all-workspaces exclude each other', 'leave one of them out');
  if (workspace === '') throw usageError('--workspace is empty', 'give its name, or --all-workspaces');
  if (options.undated && olderThan === undefined)
    throw usageError(
      '--undated says nothing without --older-than',
      'leave it out: without an age what is undated goes too',
    );
  const ids = {
    run: idsOf(options.runIds, '--run-ids'),
    experiment: idsOf(options.experimentIds, '--experiment-ids'),
    model: idsOf(options.loggedModelIds, '--logged-model-ids'),
    job: idsOf(options.jobIds, '--job-ids'),
  };
  return {
    cutoff: olderThan === undefined ? null : cutoffOf(olderThan, now),
    undated: options.undated ?? false,
    ids: Object.fromEntries(Object.entries(ids).filter(([, list]) => list !== undefined)),
    // MLflow without workspaces keeps everything in `default`.
    workspace: allWorkspaces ? null : (workspace ?? (env.MLFLOW_WORKSPACE || 'default')),
    jobs: options.jobs ?? false,
    registered: null,
    activeModels: options.includeActiveModels ? 'go' : 'hold',
  };
}

/** The same rules with what a registry needs. */
export const withRegistered = (rules: Rules, registered: Registered | null): Rules => ({
  ...rules,
  registered,
});

/** `a,b`; nothing, or an empty part, is a mistake: it would mean everything. @throws exit 2 */
function idsOf(text: string | undefined, option: string): string[] | undefined {
  if (text === undefined) return undefined;
  const ids = text.split(',').map((id) => id.trim());
  if (ids.some((id) => id === ''))
    throw usageError(`${option} ${JSON.stringify(text)} holds an empty id`, 'write ids parted by commas');
  return [...new Set(ids)];
}

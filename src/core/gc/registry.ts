import { ExitCode, MltrackError } from '../../errors.js';
import type { Listener } from '../events.js';
import type { Registered } from './eligible-registered.js';
import { type Reaching, readRegistry } from './registry-read.js';

/** How the registry is to be treated. */
export interface RegistryOptions extends Reaching {
  /** Registered things go as well: it is not read. */
  readonly includeRegistered: boolean;
  /** Nothing is kept on its account when it cannot be read. */
  readonly ignoreRegistry: boolean;
  /** The URI in `--registry-store-uri` or MLflow's variables; null: the tracking store holds it. */
  readonly uri: string | null;
  readonly listen: Listener;
}

/** Where a registry is said to be; null where nobody says so: it is in the tracking store. */
export const registryUri = (option: string | undefined, env: NodeJS.ProcessEnv): string | null =>
  option || env.MLFLOW_REGISTRY_STORE_URI || env.MLFLOW_REGISTRY_URI || null;

/**
 * What is registered, and so stays; null: nothing is kept on that account.
 *
 * @param own reads the registry in the tracking store
 * @throws exit 10 where the registry cannot be read, unless it is to be ignored
 */
export async function registeredIn(
  own: () => Promise<Registered>,
  options: RegistryOptions,
): Promise<Registered | null> {
  if (options.includeRegistered) return null;
  try {
    return options.uri === null ? await own() : await readRegistry(options.uri, options);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof MltrackError && isStop(error)) throw error;
    if (options.ignoreRegistry) {
      options.listen({
        event: 'warning',
        message: `the model registry cannot be read, so that registered models are not kept: ${message}`,
      });
      return null;
    }
    throw new MltrackError(
      ExitCode.blocked,
      `the model registry cannot be read, so nothing goes: ${message}`,
      {
        cause: error,
        hints: [
          ...(error instanceof MltrackError ? error.hints : []),
          'name the database, the server or the directory that holds it with --registry-store-uri; --ignore-registry collects registered runs and models too',
        ],
      },
    );
  }
}

const isStop = ({ exitCode }: MltrackError): boolean =>
  exitCode === ExitCode.interrupted || exitCode === ExitCode.terminated;

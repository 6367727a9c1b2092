import { ArtifactError, clean, type FailureKind, shown } from './failure.js';
import type { Protected } from './guard.js';
import type { Health } from './health.js';
import type { Limit } from './limit.js';
import type { Location } from './location.js';
import { codeOf, isNetwork, isTransient, lacksCredentials, statusOf } from './retry.js';
import type { ArtifactOptions, ArtifactStore, RetryPolicy } from './store.js';

/** What all stores of one run of mltrack share. */
export interface Context {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly concurrency: number;
  /** One for all items of one store. */
  readonly limit: Limit;
  /** Likewise. */
  readonly health: Health;
  readonly retry: RetryPolicy;
  readonly never: Protected;
  readonly cwd: string;
  readonly options: ArtifactOptions;
}

/** Opens the store that holds the location; it serves every other location with the same scheme and authority. */
export type OpenStore = (location: Location, context: Context) => Promise<ArtifactStore>;

/** MLflow's reading of a boolean variable: `true` or `1`, in any case. */
export const isTrue = (value: string | undefined): boolean => /^(true|1)$/i.test(value ?? '');

/** What a store or an SDK threw, as an error that says what, where and what next. */
export function failureOf(
  error: unknown,
  doing: string,
  uri: string,
  context: Context,
  place: string,
  tries = 1,
): Error {
  if (error instanceof ArtifactError) return error;
  if (error instanceof Error && error.name === 'AbortError' && !isTransient(error)) return error;
  const status = statusOf(error);
  const code = codeOf(error);
  const said = clean(error instanceof Error ? error.message : String(error), context.env);
  const kind: FailureKind =
    /^(NoSuchBucket|ContainerNotFound|FilesystemNotFound)$/.test(code) || status === 404
      ? 'bucket'
      : status === 401 || status === 403 || /Credential|AccessDenied|^(EACCES|EPERM)$/.test(code)
        ? 'denied'
        : isNetwork(error)
          ? 'unreachable'
          : 'failed';
  const none = kind === 'denied' && lacksCredentials(error);
  const answer = [status, code === 'Error' ? '' : code, said === code ? '' : said].filter(Boolean).join(' ');
  const tried = isTransient(error) && tries > 1 ? ` (tried ${tries} times)` : '';
  const hints: Record<FailureKind, string> = {
    bucket: `look whether ${place} exists and the endpoint is the right one; --keep-artifacts leaves artifacts alone`,
    denied: none
      ? 'no credentials were found: give them in the environment, as docs/gc.md says'
      : 'the credentials need the rights to list and to delete below this location',
    unreachable: 'run the same command again when the store answers: it goes on from there',
    failed: 'run the same command again: it goes on from there',
    refused: '',
    unsupported: '',
    package: '',
  };
  return new ArtifactError(kind, uri, `cannot ${doing} ${shown(uri)}: ${answer}${tried}`, hints[kind]);
}

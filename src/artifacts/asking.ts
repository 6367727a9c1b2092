import { type Context, failureOf } from './context.js';
import { ArtifactError, shown } from './failure.js';
import { isNetwork, isTransient, lacksCredentials, retrying } from './retry.js';

export interface Asked {
  /** What a removal is waited for after a stop, a listing is not. */
  readonly doing: 'list' | 'remove';
  /** The item's location. */
  readonly uri: string;
  /** Who is asked: `the bucket models`. */
  readonly place: string;
  readonly signal?: AbortSignal | undefined;
}

/** How long a removal under way is waited for after a stop. The item's rows stay, so a later run finishes it. */
const graceMs = 5000;

/**
 * One request to a store, tried again where that may help, unless the store has failed so often that it counts as down.
 * @throws ArtifactError; the signal's reason
 */
export async function asking<T>(
  { doing, uri, place, signal }: Asked,
  context: Context,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { health } = context;
  signal?.throwIfAborted();
  const down = health.mayAsk(doing);
  if (down)
    throw new ArtifactError(
      'unreachable',
      uri,
      `cannot ${doing} ${shown(uri)}: not tried, as ${place} failed ${down.count} times in a row, the last time so: ${down.last.message}`,
      ...down.last.hints,
    );
  let tries = 0;
  try {
    const answer = await retrying(
      (own) => {
        tries++;
        return work(own);
      },
      context.retry,
      signal,
      { graceMs: doing === 'remove' ? graceMs : 0, hopeless: () => health.down(doing) !== null },
    );
    health.answered(doing);
    return answer;
  } catch (error) {
    if (signal?.aborted && error === signal.reason) throw error;
    const failure = failureOf(error, doing, uri, context, place, tries);
    if (isTransient(error) || isNetwork(error) || lacksCredentials(error))
      health.failed(doing, failure as ArtifactError);
    // A no is an answer too.
    else health.answered(doing);
    throw failure;
  }
}

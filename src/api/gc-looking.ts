import type { Listener } from '../core/events.js';
import type { Artifacts } from '../core/gc/artifacts.js';
import { type MissingRoot, missingRootWords } from '../core/gc/artifacts-roots.js';
import type { Registered } from '../core/gc/eligible-registered.js';
import { registeredIn, registryUri } from '../core/gc/registry.js';
import type { Stop } from '../core/stop.js';
import { parseUri } from '../dialects/index.js';
import { openReading } from './connecting.js';
import type { GcRequest } from './gc-result.js';

/*
 * What a collection looks at before it plans, in a database as in a file store.
 */

/** What the registry names. @param own reads it where it is in the same place; see `registeredIn` */
export const registeredFor = (
  own: () => Promise<Registered>,
  { options, choices }: GcRequest,
  { stop, listen }: { readonly stop: Stop; readonly listen: Listener },
  includeRegistered = choices.includeRegistered,
): Promise<Registered | null> =>
  registeredIn(own, {
    ...{ ignoreRegistry: choices.ignoreRegistry, includeRegistered },
    ...{ env: process.env, cwd: process.cwd(), stop, listen },
    uri: registryUri(options.registryStoreUri, process.env),
    open: async (text) =>
      (await openReading(parseUri(text), { waitMs: options.waitMs, listen }, stop)).session,
  });

/** Where directories of artifacts should be. */
export const placesOf = ({ options }: GcRequest, artifacts: Artifacts) => ({
  ...{ cwd: process.cwd(), artifactsDestination: options.artifactsDestination },
  holdsAnything: (place: string) => artifacts.holdsAnything(place),
});

/** Says which of them are not here, where that does not end the work. */
export function warnOfMissing(
  missing: readonly MissingRoot[],
  { options }: GcRequest,
  listen: Listener,
): void {
  if (options.dry || options.missingRootsGone)
    for (const root of missing) listen({ event: 'warning', message: missingRootWords(root) });
}

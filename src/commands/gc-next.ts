import { taking } from '../api/gc-options.js';
import { printSummary } from '../render/summary.js';
import type { GcOptions } from './gc-options.js';
import { nextLine } from './next.js';

/** How a collection is carried out; what it takes along is decided by the others, or by a plan. */
const how = [
  ...['artifactsDestination', 'trackingUri', 'registryStoreUri', 'keepArtifacts', 'missingRootsGone'],
  ...['vacuum', 'maxDelete', 'maxFraction'],
];

/** How --dry-run and --plan end. @param goes whether anything would be deleted */
export function endPlan(options: GcOptions, goes: boolean): void {
  const { backendStoreUri: uri, plan } = options;
  const line =
    plan === undefined
      ? nextLine('gc', uri, options, { keep: [...how, ...taking] })
      : nextLine('gc', uri, { ...options, applyPlan: plan }, { keep: [...how, 'applyPlan'] });
  printSummary(
    {
      did: 'looked through, and nothing was deleted',
      next: goes ? [{ why: 'to delete it for good', line }] : [],
    },
    options,
  );
}

/** How a collection in a database ends. */
export function endCollection(options: GcOptions): void {
  const line = nextLine('db check', options.backendStoreUri, options, { own: ['--rows'] });
  printSummary({ next: [{ why: 'to see that schema and rows are whole', line }] }, options);
}

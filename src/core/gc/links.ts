import type { Links } from '../../schema/link.js';

let loaded: Promise<Links> | undefined;

/** Loads the soft links, which stand beside the revisions. */
export function loadLinks(): Promise<Links> {
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  loaded ??= import(new URL(`../../../migrations/links.${ending}`, import.meta.url).href);
  return loaded;
}

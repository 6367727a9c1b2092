import type { Links } from '../../schema/link.js';
import { linksModule } from '../migration-files.js';

let loaded: Promise<Links> | undefined;

/** Loads the soft links, which stand beside the revisions. */
export function loadLinks(): Promise<Links> {
  loaded ??= linksModule() as Promise<Links>;
  return loaded;
}

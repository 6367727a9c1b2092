import type { Names } from './names.js';
import { ordinalIn, readState } from './state.js';
import { resolveTarget } from './target.js';
import type { Position, Work } from './work.js';

/** Where the database stands, and where `--to` leads from there. @throws exit 2 or 5 */
export async function locate({
  chain,
  session,
  releases,
  options,
}: Pick<Work, 'session' | 'releases' | 'options'> & { readonly chain: Names }): Promise<Position> {
  const state = await readState(session, chain);
  const current = ordinalIn(state);
  const target = resolveTarget(options.to, Math.max(current, 0), chain, releases);
  return { state, current, target: state.kind === 'revision' ? target : Math.max(target, 1) };
}

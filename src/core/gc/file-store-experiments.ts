import { type Rules, tooYoung } from './eligible-rules.js';
import type { FileStore } from './file-store.js';
import { contentsOf, type ExperimentFolder, type Found } from './file-store-find.js';

/**
 * Why a deleted experiment of sufficient age stays: what it holds and the rules keep, or cannot be read. Deleted runs
 * and models that go are no reason: they go first.
 */
export async function reasonOfContents(
  store: FileStore,
  folder: ExperimentFolder,
  rules: Rules,
): Promise<string | null> {
  for (const kind of ['run', 'model'] as const) {
    const [active, young, registered, wrong]: [Found[], Found[], string[], Found[]] = [[], [], [], []];
    const names = kind === 'run' ? rules.registered?.runs : rules.registered?.models;
    for await (const found of contentsOf(store, folder, kind)) {
      const as = names?.get(found.item.id);
      if (as !== undefined) registered.push(`${found.item.id}, registered as ${as}`);
      if (found.wrong !== null) wrong.push(found);
      else if (!found.deleted) active.push(found);
      else if (tooYoung(found.item.deletedAt, rules) !== null) young.push(found);
    }
    const word = kind === 'run' ? 'run' : 'logged model';
    const several = (n: number): string => `${n} ${word}${n > 1 ? 's' : ''}`;
    const [bad, named] = [wrong[0], registered[0]];
    if (bad) return `it holds ${several(wrong.length)} that cannot be judged: ${bad.wrong}`;
    if (active.length > 0 && (kind === 'run' || rules.activeModels === 'hold'))
      return `it holds ${several(active.length)} that ${active.length > 1 ? 'are' : 'is'} not deleted`;
    if (young.length > 0)
      return `it holds ${several(young.length)} that ${young.length > 1 ? 'were' : 'was'} deleted too late or at an unknown time`;
    if (named) return `it holds ${word} ${named}`;
  }
  return null;
}

/**
 * What is still in an experiment that is about to go; null: nothing that has to go first.
 *
 * @param along logged models that go with it; without it, whichever
 */
export async function stillIn(
  store: FileStore,
  folder: ExperimentFolder,
  { activeModels }: Rules,
  along?: ReadonlySet<string>,
): Promise<string | null> {
  for (const kind of ['run', 'model'] as const)
    for await (const { item, deleted, wrong } of contentsOf(store, folder, kind)) {
      const stays = kind === 'run' || activeModels === 'hold' || deleted || wrong !== null;
      if (stays || along?.has(item.id) === false)
        return `it still holds ${kind === 'run' ? 'runs' : 'logged models'}`;
    }
  return null;
}

import type { Dialect } from '../dialects/dialect.js';
import { MltrackError } from '../errors.js';
import { pulled } from './pulled.js';
import { loadReleases, type Releases } from './releases.js';
import { type Chain, expectedAt, loadChain, operationsOf } from './revisions.js';
import { writeBody } from './script-body.js';
import { advice, emitter, nameOf, type ScriptOptions } from './script-words.js';
import { type Step, stepsOf } from './steps.js';
import { straightSteps } from './straight.js';
import { resolveTarget } from './target.js';

/**
 * The upgrade of any database that stands at a revision, without a connection. `from` is a revision, an MLflow
 * version, `base` (MLflow 0.9.1, which left no stamp) or `empty`.
 *
 * @throws exit 2 for what is no revision, or lies behind
 */
export const offlineScript = (
  dialect: Dialect,
  from: string,
  options: ScriptOptions,
): AsyncIterable<string> =>
  pulled(async (push) => {
    const { stop, listen } = options;
    const [chain, releases] = await Promise.all([loadChain(), loadReleases()]);
    const language = await dialect.script();
    const fresh = from === 'empty';
    const current = fresh ? -1 : from === 'base' ? 0 : startOf(from, chain, releases);
    const resolved = resolveTarget(options.to, Math.max(current, 0), chain, releases);
    const target = Math.max(resolved, 1);
    const emit = emitter(push);
    if (target === current) {
      await emit(language.comment(`Nothing lies between ${from} and ${nameOf(chain, target)}.`));
      return;
    }
    const stamp = current > 0 ? nameOf(chain, current) : null;
    const start = expectedAt(chain, current, dialect);
    const steps = fresh
      ? await straightSteps({ chain, session: { dialect } }, start, target)
      : revisionSteps(chain, dialect, current, target);
    await writeBody({
      ...{ language, dialect, chain, session: null, stamp, start, steps, fresh, emit, stop, listen },
      title: [
        `Upgrade of ${dialect.label} from ${fresh ? 'nothing' : (stamp ?? 'the base')} to ${nameOf(chain, target)}, written by mltrack without a database:`,
        'it stops where rows are found whose values SQL cannot work out.',
        ...advice(dialect, language.usage),
      ],
      afterwards: [],
    });
  });

/** Every revision whole, on the schema that MLflow has there. */
function revisionSteps(chain: Chain, dialect: Dialect, current: number, target: number): Step[] {
  const remaining = new Map(
    chain.revisions
      .slice(current + 1, target + 1)
      .map((revision, i) => [current + 1 + i, operationsOf(revision, dialect.name)] as const),
  );
  return stepsOf(dialect, remaining, expectedAt(chain, current, dialect), current > 0 ? 'row' : 'none');
}

/** What `--from` names. */
function startOf(from: string, chain: Chain, releases: Releases): number {
  try {
    return resolveTarget(from, 0, chain, releases);
  } catch (error) {
    if (!(error instanceof MltrackError)) throw error;
    const hints = [...error.hints, 'or --from base (MLflow 0.9.1), --from empty (nothing there)'];
    throw new MltrackError(error.exitCode, error.message.replaceAll('--to', '--from'), { hints });
  }
}

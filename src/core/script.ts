import type { Session } from '../dialects/dialect.js';
import { blockedError } from '../errors.js';
import { locate } from './locate.js';
import { blocked, findReasons } from './preflight.js';
import { type Prepared, prepare } from './prepare.js';
import { pulled } from './pulled.js';
import { loadReleases } from './releases.js';
import { loadChain } from './revisions.js';
import { writeBody } from './script-body.js';
import { advice, emitter, nameOf, type Push, type ScriptOptions } from './script-words.js';
import { revisionIn } from './state.js';
import { findViolations } from './violations.js';
import { type Work, warn } from './work.js';

export { offlineScript } from './script-offline.js';
export type { ScriptOptions };

/**
 * The upgrade of a database as a script for its own command line client: what `upgrade` would do, with the values
 * that SQL cannot work out as literals. It is read in one view of the database, and nothing is written.
 *
 * @throws exit 5 or 10 as `upgrade` does
 */
export const liveScript = (session: Session, options: ScriptOptions): AsyncIterable<string> =>
  pulled(async (push) => {
    const release = options.stop.onRequest(() => void session.interrupt().catch(() => undefined));
    try {
      await session.beginReadOnly();
      await writeLive(session, options, push);
    } finally {
      release();
      await session.rollback();
    }
  });

async function writeLive(session: Session, options: ScriptOptions, push: Push): Promise<void> {
  const { stop, listen } = options;
  const [chain, releases] = await Promise.all([loadChain(), loadReleases()]);
  const work: Work = {
    ...{ session, chain, releases, started: Date.now(), agreed: new Set() },
    options: { ...options, yes: true },
  };
  const position = await locate(work);
  const { state, current, target } = position;
  const language = await session.dialect.script();
  const emit = emitter(push);
  if (target === current) {
    await emit(language.comment(`${session.place} is at revision ${nameOf(chain, target)} already.`));
    return;
  }
  if (state.kind === 'others')
    warn(work, [
      `${session.place} holds ${state.tables.length} tables of another application and none of MLflow's`,
    ]);
  const prepared = await prepare(work, position);
  warn(work, prepared.notes);
  refuseMovedTables(session, prepared);
  const reasons = await findReasons(
    session,
    { live: prepared.live, present: prepared.live },
    prepared.steps,
    stop,
    listen,
  );
  reasons.push(...(await findViolations(session, prepared.live, prepared.steps, stop)));
  if (reasons.length > 0) throw blocked(session.place, reasons);
  const stamp = revisionIn(state, chain);
  await writeBody({
    ...{ language, dialect: session.dialect, chain, session, stamp, emit, stop, listen },
    start: prepared.live,
    steps: prepared.settling ? [prepared.settling, ...prepared.steps] : prepared.steps,
    fresh: prepared.fresh,
    title: [
      `Upgrade of ${session.place} (${session.server}) from ${prepared.fresh ? 'nothing' : (stamp ?? 'the base')} to ${nameOf(chain, target)},`,
      `written by mltrack on ${new Date().toISOString()} for this database as it was then: it stops when rows changed that matter.`,
      ...advice(session.dialect, language.usage),
    ],
    afterwards: [],
  });
}

/** Rows of such a table would have to be read under another name than the one under which the script finds them. */
function refuseMovedTables({ place }: Session, { settling, live }: Prepared): void {
  const moved = settling ? [...live.keys()].filter((name) => !settling.before.has(name)) : [];
  if (moved.length > 0)
    throw blockedError(
      `${place}: a dead upgrade has left table ${moved.join(', ')} under another name, which a script cannot read`,
      'run mltrack db upgrade, which puts it in order',
    );
}

import { execute } from './execute.js';
import { asOne } from './online.js';
import { compareOrphans } from './orphan-check.js';
import { orphansAfter } from './orphans-after.js';
import { blocked, findReasons } from './preflight.js';
import type { Prepared } from './prepare.js';
import { Progress } from './progress.js';
import { inOrder } from './umzug.js';
import { findViolations } from './violations.js';
import { Watch } from './watch.js';
import { weigh } from './weigh.js';
import { type Work, warn } from './work.js';

/**
 * Carries a prepared upgrade out. Where DDL commits by itself each revision is stamped as soon as it is whole, so
 * that whoever comes after a crash knows how far it went.
 *
 * @throws exit 10 with every reason against it, before the first change
 */
export async function carryOut(work: Work, prepared: Prepared): Promise<void> {
  const watch = new Watch(work.options.listen, work.options.watch);
  try {
    await watch.start(work.session);
    await withProgress(work, prepared, new Progress(work.options.listen, undefined, watch));
  } finally {
    await watch.close();
  }
}

async function withProgress(work: Work, prepared: Prepared, progress: Progress): Promise<void> {
  const { session, chain, options } = work;
  const { live, steps, current, target, settling } = prepared;
  if (settling) await execute(settling, work, progress);
  warn(work, prepared.notes);
  const reasons = await findReasons(session, { live, present: live }, steps, options.stop, options.listen);
  // Where DDL rolls back, the server itself may refuse such rows, and nothing has happened.
  if (!session.dialect.transactionalDdl)
    reasons.push(...(await findViolations(session, live, steps, options.stop)));
  if (reasons.length > 0) throw blocked(session.place, reasons);
  await options.beforeChange?.(session);
  progress.plan(await weigh(session, new Set(live.keys()), steps));
  const before = prepared.fresh ? null : await progress.keyCheck(() => session.orphans());
  if (!session.dialect.transactionalDdl) options.stop.cannotUndo(halfDone(work, prepared));
  if (prepared.fresh)
    await asOne(session, async () => {
      for (const step of steps) await execute(step, work, progress);
    });
  else
    await inOrder(chain, current, target, async (ordinal) => {
      // A change that serves several revisions is carried out with the last of them.
      for (const step of steps.filter((found) => found.ordinal === ordinal)) {
        await execute(step, work, progress);
        if (step.kind !== 'stamp' || session.dialect.transactionalDdl) continue;
        const { revision } = chain.revisions[ordinal] as (typeof chain.revisions)[number];
        options.stop.cannotUndo(`the database stands at ${revision}, ${target - ordinal} revisions are left`);
      }
    });
  if (before)
    warn(
      work,
      compareOrphans(before, await progress.keyCheck(() => orphansAfter(session, live, steps, before))),
    );
}

const halfDone = ({ chain }: Work, { fresh, current }: Prepared): string =>
  fresh
    ? 'a part of the tables is created'
    : `the database stands between ${chain.revisions[current]?.revision ?? 'the base'} and the next revision`;

import type { RowWork } from '../schema/row-work.js';
import { asOne, inParts } from './online.js';
import type { Progress } from './progress.js';
import { rowContext } from './row-context.js';
import { send } from './send.js';
import { stampStatements } from './stamp.js';
import type { ChangeStep, Step } from './steps.js';
import type { Work } from './work.js';

/** From this many written rows on, the planner should learn of them. */
const analyzeFrom = 10_000;

/** Carries one step out, and tells of the revisions that are whole with it. */
export async function execute(step: Step, work: Work, progress: Progress): Promise<void> {
  const { session, chain, options } = work;
  options.stop.check();
  if (step.kind === 'stamp') {
    const revision = chain.revisions[step.ordinal]?.revision as string;
    await asOne(session, async () => {
      for (const sql of stampStatements(session.dialect, step, revision)) await session.query(sql);
    });
    return;
  }
  if (step.kind === 'change') await change(step, work, progress);
  else await workOnRows(step.work, work, progress);
  for (const ordinal of step.ends) {
    const { revision, title, release } = chain.revisions[ordinal] as (typeof chain.revisions)[number];
    options.listen({ event: 'revision', revision: revision as string, title, release });
  }
}

async function change(step: ChangeStep, { session, options }: Work, progress: Progress): Promise<void> {
  const replaced = step.statements
    .filter((statement) => statement.replaces)
    .map((statement) => statement.table);
  await session.around(replaced, () =>
    inParts(session, step.statements, async (statement, by) => {
      options.stop.check();
      await progress.statement(statement, () => send(session, statement, by));
    }),
  );
}

async function workOnRows(rowWork: RowWork, { session, options }: Work, progress: Progress): Promise<void> {
  let written = 0;
  const context = rowContext(session, options.stop, options.listen, {
    progress: (done, total) => progress.rows(done, total),
    wrote: (rows) => {
      written += rows;
    },
  });
  await progress.rowWork(rowWork, () => asOne(session, () => rowWork.run(context)));
  if (written < analyzeFrom) return;
  for (const table of rowWork.writes)
    await progress.aside(`analyze ${table}`, table, () => session.analyze(table));
}

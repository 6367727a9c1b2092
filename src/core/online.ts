import type { Session, Statement } from '../dialects/dialect.js';
import type { Question } from './guard.js';
import type { Position, Work } from './work.js';

/**
 * Runs statements in their order: what stands alone by itself, what lies between as one transaction, where the
 * session has not everything in one.
 */
export async function inParts(
  session: Session,
  statements: readonly Statement[],
  run: (statement: Statement, by: (sql: string) => Promise<unknown>) => Promise<void>,
): Promise<void> {
  for (let at = 0; at < statements.length; ) {
    const [first] = statements.slice(at, at + 1) as [Statement];
    if (first.alone) {
      await run(first, () => (session.alone ? session.alone(first) : session.query(first.sql)));
      at++;
      continue;
    }
    const end = statements.findIndex(({ alone }, i) => i > at && alone);
    const part = statements.slice(at, end < 0 ? statements.length : end);
    await asOne(session, async () => {
      for (const statement of part) await run(statement, (sql) => session.query(sql));
    });
    at += part.length;
  }
}

/** Does work that stands or falls as a whole, where the server can. */
export const asOne = (session: Session, work: () => Promise<void>): Promise<void> =>
  session.atomically ? session.atomically(work) : work();

/** What must be agreed to for an upgrade online: what is given up for it, and what keeps writers out all the same. */
export async function onlineQuestions(work: Work, position: Position): Promise<Question[]> {
  const { dialect } = work.session;
  const { state, current, target } = position;
  const holdsNothing = state.kind === 'empty' || state.kind === 'others';
  if (!dialect.online || holdsNothing || current === target) return [];
  const { givesUp } = dialect.online;
  // Read only now: most runs find nothing to do.
  const { prepare } = await import('./prepare.js');
  const { steps, fresh } = await prepare(work, position);
  if (fresh) return [];
  const shut = new Set(
    steps.flatMap((step) =>
      step.kind === 'change'
        ? step.statements.flatMap(({ keepsWritersOut, table }) => (keepsWritersOut ? [table] : []))
        : [],
    ),
  );
  return [
    ...(givesUp ? [{ key: 'online', meaning: givesUp }] : []),
    ...(shut.size > 0
      ? [
          {
            key: 'copies',
            meaning: `the server knows no way to change ${[...shut].join(', ')} while others write: each is written anew, and who writes to it waits for as long`,
          },
        ]
      : []),
  ];
}

import type { Session } from '../dialects/dialect.js';
import type { RowContext } from '../schema/row-work.js';
import type { Listener } from './events.js';
import type { Stop } from './stop.js';

interface Hooks {
  readonly progress?: (done: number, total?: number) => void;
  readonly wrote?: (rows: number) => void;
}

/** The context of row work: the session's SQL, and a way to report. */
export function rowContext(session: Session, stop: Stop, listen: Listener, hooks: Hooks = {}): RowContext {
  return {
    ...session.sql,
    execute: async (sql, params) => {
      const rows = await session.sql.execute(sql, params);
      hooks.wrote?.(rows);
      return rows;
    },
    now: Date.now(),
    progress: (done, total) => hooks.progress?.(done, total),
    warn: (message) => listen({ event: 'warning', message }),
    checkpoint: () => stop.check(),
  };
}

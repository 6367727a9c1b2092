import type { Session } from '../dialect.js';
import type { ServerProgress } from '../progress.js';
import type { Flavour } from './flavour.js';

export async function identify(watched: Session): Promise<number> {
  const [row] = await watched.query<{ id: number | string }>('SELECT CONNECTION_ID() AS id');
  return Number(row?.id);
}

const readers = { mysql: readMysql, mariadb: readMariadb } satisfies Record<Flavour, unknown>;

/** How a server of this flavour tells; an account sees its own connections without further rights. */
export const progressOn = (flavour: Flavour) => ({ identify, read: readers[flavour] });

interface Stage extends Record<string, unknown> {
  readonly name: string | null;
  readonly done: number | string | null;
  readonly total: number | string | null;
  readonly state: string | null;
}

/**
 * The stages of ALTER TABLE, `stage/innodb/alter …` and `stage/sql/copy to tmp table` (manual, "Monitoring ALTER TABLE
 * Progress for InnoDB Tables Using Performance Schema"). Their instruments are on by default; the consumer
 * `events_stages_current` is not, but MySQL 9.7 tells these stages all the same. Without the right to read them there
 * is what the process list says.
 */
async function readMysql(watching: Session, id: number): Promise<ServerProgress | null> {
  // Without the right to it, or where the performance schema is switched off, nothing is there.
  const row = (await readStage(watching, id).catch(() => null)) ?? (await readState(watching, id));
  if (!row) return null;
  const total = Number(row.total ?? 0);
  if (!row.name || total === 0) return stateOf(row.state);
  const share = Number(row.done) / total;
  // Estimated work; of what is more than that nobody knows the end.
  return { phase: row.name.replace(/^stage\/(innodb|sql)\//, ''), share: share < 1 ? share : null };
}

async function readStage(watching: Session, id: number): Promise<Stage | undefined> {
  const [row] = await watching.query<Stage>(
    `SELECT /*+ MAX_EXECUTION_TIME(1000) */ s.EVENT_NAME AS name, s.WORK_COMPLETED AS done,
            s.WORK_ESTIMATED AS total, t.PROCESSLIST_STATE AS state
     FROM performance_schema.threads t
     LEFT JOIN performance_schema.events_stages_current s ON s.THREAD_ID = t.THREAD_ID
     WHERE t.PROCESSLIST_ID = ?`,
    [id],
  );
  return row;
}

/** Of its own connections every account may see the list. */
async function readState(watching: Session, id: number): Promise<Stage | undefined> {
  const rows = await watching.query<{ Id: number | string; State: string | null }>('SHOW PROCESSLIST');
  const own = rows.find((row) => Number(row.Id) === id);
  return own && { name: null, done: null, total: null, state: own.State };
}

interface Process extends Record<string, unknown> {
  readonly stage: number | string;
  readonly stages: number | string;
  readonly progress: number | string;
  readonly state: string | null;
}

/** MariaDB's own progress reports (knowledge base, "Progress Reporting"): of ALTER TABLE that copies, and of checks. */
async function readMariadb(watching: Session, id: number): Promise<ServerProgress | null> {
  const [row] = await watching.query<Process>(
    `SET STATEMENT max_statement_time = 1 FOR
     SELECT STAGE AS stage, MAX_STAGE AS stages, PROGRESS AS progress, STATE AS state
     FROM information_schema.PROCESSLIST WHERE ID = ?`,
    [id],
  );
  if (!row) return null;
  const [stage, stages, progress] = [row.stage, row.stages, row.progress].map(Number) as [
    number,
    number,
    number,
  ];
  if (stages === 0 || stage === 0) return stateOf(row.state);
  const phase = row.state || `stage ${stage} of ${stages}`;
  // A later stage that has not told anything yet need not be as long as those before.
  const share = stage > 1 && progress === 0 ? null : (stage - 1 + progress / 100) / stages;
  return { phase, share: share === null ? null : Math.min(share, 1) };
}

/** "Waiting for table metadata lock", "copy to tmp table": states that say more than that a statement runs. */
const stateOf = (state: string | null): ServerProgress | null =>
  state && /lock|copy|index|sort|tmp|alter/i.test(state) ? { phase: state, share: null } : null;

import type { Session } from '../dialects/dialect.js';
import type { Server } from './guard.js';
import { loadReleases } from './releases.js';
import { loadChain } from './revisions.js';
import { knownUpTo, startersOf, writersOf } from './starters.js';
import { ordinalIn, readState, revisionIn } from './state.js';
import { type Verdict, verdictOn } from './verdict.js';

/** Where a database stands. Field names are stable; `version` is that of the shape. */
export interface Status {
  readonly event: 'status';
  readonly version: 1;
  readonly database: string;
  readonly server: string;
  /** null: no stamp. */
  readonly revision: string | null;
  /** "written by MLflow 2.9–2.12". */
  readonly written: string;
  /** "only MLflow 2.9–2.12 starts on it". */
  readonly starts: string;
  /** Revisions to the head that this mltrack knows. */
  readonly behind: number;
  readonly known: string;
  readonly mlflow: Verdict | null;
}

/** Reads the status in one read-only view. @throws exit 5 for a database that is not MLflow's or too new */
export async function readStatus(session: Session, server: Server | null): Promise<Status> {
  const [chain, releases] = await Promise.all([loadChain(), loadReleases()]);
  await session.beginReadOnly();
  const state = await readState(session, chain);
  const tables = await session.tableNames();
  await session.rollback();
  const current = ordinalIn(state);
  const isThere = current >= 0;
  return {
    event: 'status',
    version: 1,
    database: session.place,
    server: session.server,
    revision: revisionIn(state, chain),
    written: writersOf(chain, releases, current),
    starts: isThere ? startersOf(chain, releases, current) : 'any MLflow would create its tables',
    behind: chain.revisions.length - 1 - Math.max(current, 0),
    known: knownUpTo(chain, releases),
    mlflow: server ? await verdictOn({ state, current, tables }, server, chain, releases) : null,
  };
}

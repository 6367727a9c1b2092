import type { Session } from '../dialects/dialect.js';
import type { Fact, StatusModule } from '../dialects/status.js';
import type { Server } from './guard.js';
import { loadReleases } from './releases.js';
import { loadChain } from './revisions.js';
import { knownUpTo, releaseLines, startersOf, writersOf } from './starters.js';
import { ordinalIn, readState, revisionIn } from './state.js';
import { nothingPending, type Pending, pendingFrom } from './status/pending.js';
import { type SizeOfTable, sizesOf, tablesOfMlflow } from './status/sizes.js';
import { type Verdict, verdictOn } from './verdict.js';

export type { PendingIrreversible, PendingLong } from './status/pending.js';
export type { SizeOfTable } from './status/sizes.js';

/** Who uses a database, a phrase each. */
export interface Sessions {
  /** Who holds mltrack's own lock: an upgrade, downgrade or repair that runs. */
  readonly lock: string | null;
  /** Whose open transaction holds locks on MLflow's tables, or may. */
  readonly transactions: readonly string[];
  /** Everybody else who is connected and is no mltrack. */
  readonly others: readonly string[];
  /** What this role is not told of them, and what lets it see; null: it is told everything. */
  readonly hidden: string | null;
}

/** Where a database stands. Field names are stable; `version` is that of the shape. */
export interface Status {
  readonly event: 'status';
  readonly version: 1;
  readonly database: string;
  readonly server: string;
  /** null: no stamp. */
  readonly revision: string | null;
  /** The MLflow releases that end at this revision: "2.9–2.12"; null where none does. */
  readonly releases: string | null;
  /** "written by MLflow 2.9–2.12". */
  readonly written: string;
  /** "only MLflow 2.9–2.12 starts on it". */
  readonly starts: string;
  /** Revisions to the head that this mltrack knows. */
  readonly behind: number;
  /** The head that this mltrack knows. */
  readonly head: string;
  readonly known: string;
  readonly mlflow: Verdict | null;
  /** Character set, collation and the like, in the server's words. */
  readonly about: readonly Fact[];
  readonly pending: Pending;
  readonly sessions: Sessions;
  /** All tables, the user's too, the biggest first. */
  readonly tables: readonly SizeOfTable[];
  readonly total: Total;
}

/** The sum of what is known. */
export interface Total {
  readonly tables: number;
  readonly rows: number;
  /** Every table was counted. */
  readonly exact: boolean;
  /** null where no table's size is known. */
  readonly bytes: number | null;
}

/** Reads the status in autocommit, so that no lock stays. @throws exit 5 for a database that is not MLflow's or too new */
export async function readStatus(session: Session, server: Server | null): Promise<Status> {
  const { dialect } = session;
  const [chain, releases, module, { costOf }] = await Promise.all([
    loadChain(),
    loadReleases(),
    dialect.status(),
    dialect.cost(),
  ]);
  const state = await readState(session, chain);
  const names = await session.tableNames();
  const isMlflows = tablesOfMlflow(chain);
  const about = await module.about(session);
  const sessions = await sessionsOf(session, module, names.filter(isMlflows));
  const cost = await costOf(session);
  const tables = await sizesOf(session, cost, module, isMlflows);
  const current = ordinalIn(state);
  const isThere = current >= 0;
  const hasRevision = state.kind === 'revision' || (state.kind === 'unstamped' && !state.fresh);
  const revision = revisionIn(state, chain);
  return {
    event: 'status',
    version: 1,
    database: session.place,
    server: session.server,
    revision,
    releases: revision === null ? null : releaseLines(releases, revision),
    written: writersOf(chain, releases, current),
    starts: isThere ? startersOf(chain, releases, current) : 'any MLflow would create its tables',
    behind: chain.revisions.length - 1 - Math.max(current, 0),
    head: chain.revisions.at(-1)?.revision ?? '',
    known: knownUpTo(chain, releases),
    mlflow: server ? await verdictOn({ state, current, tables: names }, server, chain, releases) : null,
    about,
    pending: hasRevision ? pendingFrom(dialect, cost, chain, current, tables) : nothingPending,
    sessions,
    tables,
    total: totalOf(tables),
  };
}

async function sessionsOf(
  session: Session,
  module: StatusModule,
  tables: readonly string[],
): Promise<Sessions> {
  return {
    lock: await module.lockHolder(session),
    transactions: await module.transactions(session, tables),
    others: await session.others(),
    hidden: await module.hidden(session),
  };
}

function totalOf(tables: readonly SizeOfTable[]): Total {
  const sum = (values: readonly (number | null)[]): number =>
    values.reduce<number>((total, value) => total + (value ?? 0), 0);
  const bytes = tables.map((table) => table.bytes);
  return {
    tables: tables.length,
    rows: sum(tables.map(({ rows }) => rows)),
    exact: tables.every(({ exact }) => exact),
    bytes: tables.length > 0 && bytes.every((value) => value === null) ? null : sum(bytes),
  };
}

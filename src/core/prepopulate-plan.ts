import type { LockClaim, TableSize } from '../dialects/cost.js';
import type { Session } from '../dialects/dialect.js';
import type { Listener } from './events.js';
import { missingColumns } from './prepopulate-columns.js';
import type { Place, StateFile } from './prepopulate-state.js';
import { ready } from './prepopulate-where.js';
import { inReadOnlyView } from './read-only.js';
import { loadReleases } from './releases.js';
import { loadChain } from './revisions.js';
import type { Stop } from './stop.js';

/** What `db upgrade --prepopulate` would do. Field names are stable; `version` is that of the shape. */
export interface PrepopulatePlan {
  readonly event: 'prepopulate-plan';
  readonly version: 1;
  readonly database: string;
  readonly server: string;
  readonly revision: string;
  /** What adds the columns that are missing; empty where all are there. */
  readonly statements: readonly { readonly sql: string; readonly locks: readonly LockClaim[] }[];
  /** The tables whose rows are looked at. */
  readonly tables: readonly TableSize[];
  readonly batchRows: number;
  /** Where an earlier run stopped, by its state file; null: from the beginning. */
  readonly from: Place | null;
  /** Why there is nothing to do; null where there is. */
  readonly why: string | null;
}

/** Works it out in one read-only view, and changes nothing. @throws as `prepopulate` does */
export async function planPrepopulation(
  session: Session,
  options: {
    readonly batchRows: number;
    readonly state?: StateFile;
    readonly stop: Stop;
    readonly listen: Listener;
  },
): Promise<PrepopulatePlan> {
  const [chain, releases] = await Promise.all([loadChain(), loadReleases()]);
  return inReadOnlyView(session, options.stop, async () => {
    const found = await ready(session, chain, releases, options);
    const head = {
      ...({
        event: 'prepopulate-plan',
        version: 1,
        database: session.place,
        server: session.server,
      } as const),
      ...{ revision: found.revision, batchRows: options.batchRows, from: options.state?.read() ?? null },
    };
    if ('done' in found) return { ...head, statements: [], tables: [], why: found.done };
    const cost = await (await session.dialect.cost()).costOf(session);
    const statements = missingColumns(session, await session.introspect(), found).flatMap((addition) => {
      const claims = cost.claims(addition);
      return addition.statements.map(({ sql }, i) => ({ sql, locks: claims[i] ?? [] }));
    });
    return { ...head, statements, tables: await cost.storage([...found.ahead.tables]), why: null };
  });
}

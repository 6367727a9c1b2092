import type { Session } from '../dialects/dialect.js';
import { irreversibleOn } from '../schema/revision.js';
import { type Chain, loadChain } from './revisions.js';
import { type SizeOfTable, sizesOf, tablesOfMlflow } from './status/sizes.js';

export type { SizeOfTable } from './status/sizes.js';

/** One revision as seen from a database. */
export interface TimelineEntry {
  readonly revision: string;
  readonly title: string;
  /** The first MLflow that ships it. */
  readonly release: string;
  /** Why it cannot be undone on this kind of server; null where it can. */
  readonly irreversible: string | null;
  /** `passed`: the database has it; `here`: it stands at it; `ahead`: an upgrade passes it; `beyond`: it does not. */
  readonly place: 'passed' | 'here' | 'ahead' | 'beyond';
}

/** What a report says of a database beside the result of its command. */
export interface DatabaseFacts {
  readonly timeline: readonly TimelineEntry[];
  /** The biggest first; null where they could not be read. */
  readonly tables: readonly SizeOfTable[] | null;
}

/**
 * Where a database stands among the revisions, and how big its tables are. Must be the last thing asked of a session,
 * as `sizesOf` says; reads in autocommit, so that a table that this role may not read spoils nothing before it.
 *
 * @param at revisions: where it stands (null: before the first), and where an upgrade ends (undefined: the head)
 */
export async function factsOf(
  session: Session,
  at: { readonly from: string | null; readonly to?: string },
): Promise<DatabaseFacts> {
  const chain = await loadChain();
  const target = (at.to === undefined ? undefined : chain.ordinalOf(at.to)) ?? chain.revisions.length - 1;
  const current = at.from === null ? 0 : (chain.ordinalOf(at.from) ?? 0);
  return {
    timeline: timelineOf(chain, session.dialect.name, current, target),
    tables: await sizesIn(session, chain),
  };
}

/** @param current ordinal at which the database stands; 0 before the first revision */
export const timelineOf = (
  chain: Pick<Chain, 'revisions'>,
  dialect: string,
  current: number,
  target: number,
): TimelineEntry[] =>
  chain.revisions.slice(1).map((revision, i): TimelineEntry => {
    const ordinal = i + 1;
    const { title, release } = revision;
    const place =
      ordinal < current ? 'passed' : ordinal === current ? 'here' : ordinal <= target ? 'ahead' : 'beyond';
    const irreversible = irreversibleOn(revision, dialect)?.why ?? null;
    return { revision: revision.revision as string, title, release, irreversible, place };
  });

/** A report is no reason to fail what was done. */
async function sizesIn(session: Session, chain: Chain): Promise<readonly SizeOfTable[] | null> {
  try {
    const [module, { costOf }] = await Promise.all([session.dialect.status(), session.dialect.cost()]);
    return await sizesOf(session, await costOf(session), module, tablesOfMlflow(chain));
  } catch {
    return null;
  }
}

import type { Session } from '../../dialects/dialect.js';
import { blockedError, foreignError } from '../../errors.js';
import { diff } from '../../schema/diff.js';
import type { Schema } from '../../schema/table.js';
import { halfApplied } from '../check/half-applied.js';
import { wrongStamp } from '../check/wrong-stamp.js';
import { loadReleases } from '../releases.js';
import { type Chain, expectedAt, loadChain } from '../revisions.js';
import { readState } from '../state.js';
import type { Known } from './eligible.js';
import { type Strangers, strangersOf } from './strangers.js';

/** The revision that brought `runs.deleted_time`: no older schema can be collected. */
export const firstRevision = '0c779009ac13';

/** A database that can be collected. */
export interface KnownAt extends Known {
  readonly revision: string;
  /** Foreign keys of the user's own, which say what becomes of their rows. */
  readonly strangers: Strangers;
}

/**
 * Tells where a database stands, and that its schema is what MLflow has there: what is deleted follows from it.
 *
 * @throws exit 5 for what is not MLflow's or too new, 10 below `0c779009ac13` or where the schema is another
 */
export async function knownOf(session: Session): Promise<KnownAt> {
  const chain = await loadChain();
  const state = await readState(session, chain);
  if (state.kind === 'empty' || state.kind === 'others')
    throw foreignError(`${session.place} holds nothing of MLflow's`, 'check the URI');
  const ordinal = state.kind === 'revision' ? state.ordinal : 0;
  const first = chain.ordinalOf(firstRevision) as number;
  const revision = chain.revisions[ordinal]?.revision ?? null;
  if (revision === null || ordinal < first)
    throw blockedError(
      `${session.place} is at revision ${revision ?? 'none'}, from before MLflow 1.28: when a run was deleted is not in it`,
      'mltrack db upgrade first',
    );
  const schema = expectedAt(chain, ordinal, session.dialect);
  const live = await session.introspect();
  await refuseWrongStamp(session, chain, ordinal, schema, live);
  refuseOther(session, chain, ordinal, schema, live);
  return { session, schema, revision, strangers: strangersOf(schema, live) };
}

/** The stamp of another revision than the schema's: what hangs on a run is then not known. */
async function refuseWrongStamp(
  { dialect, place }: Session,
  chain: Chain,
  ordinal: number,
  expected: Schema,
  live: Schema,
): Promise<void> {
  const module = await dialect.check();
  const differences = diff(expected, live, module.same);
  const wrong = wrongStamp(chain, await loadReleases(), ordinal, live, differences, { dialect, module });
  if (!wrong) return;
  const [stamp, real] = [ordinal, wrong.ordinal].map((at) => chain.revisions[at]?.revision ?? 'the base');
  throw blockedError(
    `${place} is stamped ${stamp}, and its schema is exactly that of ${real}; nothing was deleted`,
    'mltrack db check says more; put the stamp right, then run this again',
  );
}

function refuseOther(session: Session, chain: Chain, ordinal: number, expected: Schema, live: Schema): void {
  const half = halfApplied(chain, ordinal, expected, live, session.dialect);
  if (half?.finding)
    throw blockedError(
      `${session.place}: an upgrade died half-way, ${half.finding.found}; nothing was deleted`,
      'mltrack db upgrade completes it; then run this again',
    );
  const missing = [...expected].flatMap(([name, { columns }]) => {
    const found = live.get(name);
    if (!found) return [name];
    const there = new Set(found.columns.map((column) => column.name));
    return columns.filter((column) => !there.has(column.name)).map((column) => `${name}.${column.name}`);
  });
  if (missing.length > 0)
    throw blockedError(
      `${session.place} is not as MLflow has it at its revision: ${missing.slice(0, 5).join(', ')}${missing.length > 5 ? ' …' : ''} missing; nothing was deleted`,
      'mltrack db check says what differs, mltrack db repair puts back what it can',
    );
}

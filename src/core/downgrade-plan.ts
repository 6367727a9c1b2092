import type { Session, Statement } from '../dialects/dialect.js';
import { originOf } from '../dialects/operations.js';
import { blockedError, foreignError } from '../errors.js';
import { SchemaConflict } from '../schema/conflict.js';
import type { Operation } from '../schema/operation.js';
import type { Revision } from '../schema/revision.js';
import type { Schema } from '../schema/table.js';
import { ask, type Loss } from './ask-rows.js';
import type { Listener } from './events.js';
import { inverseOf } from './inverse.js';
import { foldedAt, leftOver, restBack } from './left-over.js';
import { type Question, questionsOf } from './loss.js';
import { obstaclesTo } from './obstacles-back.js';
import { conflictError } from './preflight.js';
import { loadReleases } from './releases.js';
import { type Chain, loadChain, operationsOf } from './revisions.js';
import { rowContext } from './row-context.js';
import { knownUpTo, startersOf, writersOf } from './starters.js';
import { readState } from './state.js';
import type { Stop } from './stop.js';
import { resolveBack } from './target-back.js';

/** From a table and a column's name at a revision to its name on the live table. */
type Origin = (table: string, column: string) => string;

/** One revision on the way down. */
export interface Down {
  readonly ordinal: number;
  readonly revision: Revision;
  readonly operations: readonly Operation[];
  /** What its statements change, at this place on the way. */
  readonly statements: readonly Statement[];
  readonly losses: readonly Loss[];
  /** Asks again, when the revisions after it are undone. */
  readonly lossesNow: () => Promise<Loss[]>;
}

/** The whole way down, worked out and checked against the live rows; nothing has changed yet. */
export interface DowngradePlan {
  readonly place: string;
  readonly server: string;
  readonly from: Revision;
  /** "written by MLflow 3.16". */
  readonly written: string;
  readonly to: Revision;
  /** "only MLflow 2.8–2.12 starts on it". */
  readonly starts: string;
  readonly known: string;
  readonly target: number;
  readonly live: Schema;
  readonly after: Schema;
  /** The youngest first. */
  readonly downs: readonly Down[];
  /** All statements in their order, as a server with transactional DDL gets them: folded over all revisions. */
  readonly statements: readonly Statement[];
  /** Why it cannot be done, beside rows that would be lost. */
  readonly reasons: readonly string[];
}

export interface DowngradeAims {
  readonly to: string;
  /** Keeps writers away from the tables concerned until the transaction ends, where the server can. */
  readonly lockOut?: boolean;
  readonly stop: Stop;
  readonly listen: Listener;
}

/**
 * Works out the way down to `to` and asks the live rows what of it would be lost, for all revisions on the way.
 * What an earlier downgrade that died has done already is left out.
 *
 * @throws exit 2 for a bad target, 5 for what is not MLflow's, 10 where a revision on the way never goes down
 */
export async function planDowngrade(session: Session, aims: DowngradeAims): Promise<DowngradePlan> {
  const [chain, releases] = await Promise.all([loadChain(), loadReleases()]);
  const current = await standing(session, chain);
  const folded = foldedAt(session.dialect, chain, current + 1);
  const live = await session.introspect();
  const start = session.dialect.transactionalDdl
    ? current
    : leftOver(session.dialect, chain, folded, current, live);
  const target = resolveBack(aims.to, current, chain, releases, start);
  refuseNever(session, chain, folded, current, target);
  const { name, traits } = session.dialect;
  const context = rowContext(session, aims.stop, aims.listen);
  const askAll = async (questions: readonly Question[], schema: Schema, origin: Origin): Promise<Loss[]> => {
    const losses: Loss[] = [];
    for (const question of questions) {
      aims.stop.check();
      const loss = await ask(question, context, schema, origin);
      if (loss) losses.push(loss);
    }
    return losses;
  };
  const ways: (Omit<Down, 'losses'> & { questions: readonly Question[]; ask: () => Promise<Loss[]> })[] = [];
  const undone: Operation[] = [];
  let state = live;
  try {
    for (let ordinal = start; ordinal > target; ordinal--) {
      const revision = chain.revisions[ordinal] as Revision;
      const { operations, above, below } = inverseOf(
        revision,
        folded[ordinal - 1] as Schema,
        session.dialect,
      );
      const rest = restBack(state, operations, above, traits);
      const questions = questionsOf(revision, operationsOf(revision, name), above, below, traits);
      const statements = session.dialect.compile(rest.operations, state);
      const before = [...undone];
      const origin = (table: string, column: string): string => originOf(before, table)(column);
      const here = state;
      ways.push({
        ...{ ordinal, revision, operations: rest.operations, statements, questions },
        ask: () => askAll(questions, live, origin),
        lossesNow: () => askAll(questions, here, (_table, column) => column),
      });
      undone.push(...rest.operations);
      state = rest.after;
    }
  } catch (error) {
    throw error instanceof SchemaConflict ? conflictError(error) : error;
  }
  // What comes after the rows were asked would be lost unseen.
  const concerned = new Set(ways.flatMap(({ questions }) => questions.map(({ table }) => table)));
  const present = [...concerned].filter((table) => live.has(table));
  if (aims.lockOut && present.length > 0) await session.sql.lockOut(present);
  const downs: Down[] = [];
  for (const { ask: askNow, questions: _asked, ...way } of ways)
    downs.push({ ...way, losses: await askNow() });
  return {
    place: session.place,
    server: session.server,
    from: chain.revisions[current] as Revision,
    written: writersOf(chain, releases, current),
    to: chain.revisions[target] as Revision,
    starts: startersOf(chain, releases, target),
    known: knownUpTo(chain, releases),
    target,
    live,
    after: state,
    downs,
    statements: session.dialect.compile(undone, live),
    reasons: await obstaclesTo(session, undone, live, state),
  };
}

/** @throws exit 5 or 10 where there is no revision to go back from */
async function standing(session: Session, chain: Chain): Promise<number> {
  const state = await readState(session, chain);
  if (state.kind === 'revision') return state.ordinal;
  if (state.kind === 'unstamped')
    throw blockedError(
      `${session.place} stands before MLflow's first revision: there is nothing to go back to`,
      'nothing was changed',
    );
  throw foreignError(`${session.place} holds no database of MLflow's`, 'check the URI');
}

function refuseNever(
  session: Session,
  chain: Chain,
  folded: readonly Schema[],
  current: number,
  target: number,
): void {
  for (let ordinal = current; ordinal > target; ordinal--) {
    const revision = chain.revisions[ordinal] as Revision;
    const { stuck } = inverseOf(revision, folded[ordinal - 1] as Schema, session.dialect);
    const why = revision.irreversible?.never ? revision.irreversible.why : stuck[0];
    if (why === undefined) continue;
    throw blockedError(
      `${session.place} cannot go below ${revision.revision} (${revision.title}), which never goes down: ${why}`,
      `${revision.revision} itself can be reached: --to ${revision.revision}`,
      'further back there is only a backup from before that upgrade; nothing was changed',
    );
  }
}

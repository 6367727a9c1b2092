import type { Dialect, DialectName, Session } from '../dialects/dialect.js';
import { dialectNames, everyDialect } from '../dialects/index.js';
import type { Irreversible } from '../schema/revision.js';
import type { Schema } from '../schema/table.js';
import { inverseOf } from './inverse.js';
import { foldedAt } from './left-over.js';
import { type LongWork, longWorkOf } from './long-running.js';
import { questionsOf } from './loss.js';
import { type Chain, loadChain, operationsOf } from './revisions.js';
import { ordinalIn, readState } from './state.js';

/** Whether a database can go back over a revision. */
export type GoesDown = 'yes' | 'by the rows' | 'never';

/** Where a revision takes the longer the more rows there are. */
export interface LongOn {
  /** "PostgreSQL", "MariaDB". */
  readonly server: string;
  /** The tables that were there before and whose rows it reads or writes. */
  readonly tables: readonly LongWork[];
}

/** One revision, as `db history` tells it. Field names are stable. */
export interface HistoryEntry {
  readonly ordinal: number;
  readonly revision: string;
  /** The first MLflow release that ships it. */
  readonly release: string;
  /** ISO; what MLflow's own file says, null where it says nothing. */
  readonly created: string | null;
  readonly title: string;
  /** Null where every database can go back. */
  readonly irreversible: Irreversible | null;
  readonly goesDown: GoesDown;
  /** The only servers on which it never goes down. */
  readonly neverOn: readonly DialectName[];
  /** Servers on which it reads or writes the rows of tables that were there before; empty where only catalogs change. */
  readonly longOn: readonly LongOn[];
}

/** What one kind of server makes of the revisions, by ordinal. */
interface Answers {
  readonly dialect: Dialect;
  readonly goesDown: readonly GoesDown[];
  readonly long: readonly (readonly LongWork[])[];
}

/** All revisions, the oldest first. Needs no database. */
export async function readHistory(): Promise<HistoryEntry[]> {
  const chain = await loadChain();
  const answers = await Promise.all((await everyDialect()).map((dialect) => answersOf(dialect, chain)));
  return chain.revisions.slice(1).map((found, i): HistoryEntry => {
    const { revision, release, created, title, irreversible = null } = found;
    const ordinal = i + 1;
    const all = answers.map(({ goesDown }) => goesDown[ordinal] as GoesDown);
    const never = dialectNames.filter((name) =>
      answers.every(({ dialect }, place) => dialect.name !== name || all[place] === 'never'),
    );
    const isNever = never.length === dialectNames.length;
    return {
      ...{ ordinal, revision: revision as string, release, created, title, irreversible },
      goesDown: isNever ? 'never' : all.includes('by the rows') ? 'by the rows' : 'yes',
      neverOn: isNever ? [] : never,
      longOn: answers.flatMap(({ dialect, long }) => {
        const tables = long[ordinal] ?? [];
        return tables.length > 0 ? [{ server: dialect.label, tables }] : [];
      }),
    };
  });
}

/** The first revision has nothing before it that a stamp could name. */
async function answersOf(dialect: Dialect, chain: Chain): Promise<Answers> {
  const folded = foldedAt(dialect, chain, chain.revisions.length - 1);
  const locks = (await dialect.cost()).typical(dialect.label);
  const before = (ordinal: number): Schema => folded[ordinal - 1] ?? new Map();
  return {
    dialect,
    long: chain.revisions.map((_, ordinal) => longWorkOf(dialect, locks, chain, before(ordinal), ordinal)),
    goesDown: chain.revisions.map((revision, ordinal): GoesDown => {
      if (ordinal < 2 || revision.irreversible?.never) return 'never';
      const { above, below, stuck } = inverseOf(revision, before(ordinal), dialect);
      if (stuck.length > 0) return 'never';
      const questions = questionsOf(
        revision,
        operationsOf(revision, dialect.name),
        above,
        below,
        dialect.traits,
      );
      return questions.length > 0 ? 'by the rows' : 'yes';
    }),
  };
}

/** Where a database stands among the revisions. */
export interface Standing {
  readonly database: string;
  /** 0: before the first revision; -1: nothing of MLflow's is there. */
  readonly ordinal: number;
  /** Revisions from there to the head. */
  readonly pending: number;
}

/** @throws exit 5 for a database that is not MLflow's or too new */
export async function readStanding(session: Session): Promise<Standing> {
  const chain = await loadChain();
  const ordinal = ordinalIn(await readState(session, chain));
  return { database: session.place, ordinal, pending: chain.revisions.length - 1 - Math.max(ordinal, 0) };
}

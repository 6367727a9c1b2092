import type { DialectName } from '../dialects/dialect.js';
import { dialectNames, loadDialect } from '../dialects/index.js';
import type { Irreversible } from '../schema/revision.js';
import type { Schema } from '../schema/table.js';
import { inverseOf } from './inverse.js';
import { foldedAt } from './left-over.js';
import { questionsOf } from './loss.js';
import { type Chain, loadChain, operationsOf } from './revisions.js';

/** Whether a database can go back over a revision. */
export type GoesDown = 'yes' | 'by the rows' | 'never';

/** One revision, as `db history` tells it. Field names are stable. */
export interface HistoryEntry {
  readonly ordinal: number;
  readonly revision: string;
  /** The first MLflow release that ships it. */
  readonly release: string;
  readonly title: string;
  /** Null where every database can go back. */
  readonly irreversible: Irreversible | null;
  readonly goesDown: GoesDown;
  /** The only servers on which it never goes down. */
  readonly neverOn: readonly DialectName[];
}

/** All revisions, the oldest first. Needs no database. */
export async function readHistory(): Promise<HistoryEntry[]> {
  const chain = await loadChain();
  const answers = await Promise.all(dialectNames.map((name) => goesDownOn(name, chain)));
  return chain.revisions.slice(1).map((found, i): HistoryEntry => {
    const { revision, release, title, irreversible = null } = found;
    const ordinal = i + 1;
    const all = answers.map((answer) => answer[ordinal] as GoesDown);
    const never = dialectNames.filter((_, place) => all[place] === 'never');
    const isNever = never.length === dialectNames.length;
    return {
      ...{ ordinal, revision: revision as string, release, title, irreversible },
      goesDown: isNever ? 'never' : all.includes('by the rows') ? 'by the rows' : 'yes',
      neverOn: isNever ? [] : never,
    };
  });
}

/** By ordinal. The first revision has nothing before it that a stamp could name. */
async function goesDownOn(name: DialectName, chain: Chain): Promise<GoesDown[]> {
  const dialect = await loadDialect(name);
  const folded = foldedAt(dialect, chain, chain.revisions.length - 1);
  return chain.revisions.map((revision, ordinal): GoesDown => {
    if (ordinal < 2 || revision.irreversible?.never) return 'never';
    const { above, below, stuck } = inverseOf(revision, folded[ordinal - 1] as Schema, dialect);
    if (stuck.length > 0) return 'never';
    const questions = questionsOf(revision, operationsOf(revision, name), above, below, dialect.traits);
    return questions.length > 0 ? 'by the rows' : 'yes';
  });
}

import type { Session } from '../dialects/dialect.js';
import { confirmationError } from '../errors.js';
import { irreversibleOn } from '../schema/revision.js';
import { didYouMean, similar } from '../similar.js';
import { onlineQuestions } from './online.js';
import { compareVersions } from './releases.js';
import { startersOf } from './starters.js';
import type { Position, UpgradeOptions, Work } from './work.js';

/** Something that an upgrade does only when somebody has agreed to it. */
export interface Question {
  /** What `--confirm` names: a revision, `others`, `mlflow`, `online` or `copies`. */
  readonly key: string;
  /** What it means. */
  readonly meaning: string;
}

/** An MLflow whose server is to start on the database. */
export interface Server {
  readonly version: string;
  /** Where the version was found, for people. */
  readonly where: string;
}

/** An upgrade stops here to ask; whoever asked has let go of the lock. */
export class AskFirst extends Error {
  constructor(readonly questions: readonly Question[]) {
    super('a question must be answered first');
  }
}

/**
 * What must be agreed to before an upgrade: tables of another application around it, revisions that cannot be undone
 * where the tables concerned hold rows, and an MLflow in use that will not start afterwards.
 */
export async function questionsOf(work: Work, { state, current, target }: Position): Promise<Question[]> {
  const { session } = work;
  if (state.kind === 'empty') return [];
  if (state.kind === 'others') {
    const names = state.tables.slice(0, 10).join(', ') + (state.tables.length > 10 ? ' …' : '');
    return [
      {
        key: 'others',
        meaning: `${session.place} holds ${state.tables.length} tables of another application and none of MLflow's: ${names}; MLflow's would stand beside them`,
      },
    ];
  }
  const questions = [
    ...(await irreversibleAhead(work, current, target)),
    ...olderServer(work, target),
    ...(await onlineQuestions(work, { state, current, target })),
  ];
  return state.kind === 'unstamped' && state.fresh ? [] : questions;
}

/** The revisions ahead that cannot be undone, where a table they concern holds rows. */
async function irreversibleAhead(work: Work, current: number, target: number): Promise<Question[]> {
  const { session, chain } = work;
  const present = new Set(await session.tableNames());
  const filled = new Map<string, boolean>();
  const questions: Question[] = [];
  for (const revision of chain.revisions.slice(Math.max(current, 0) + 1, target + 1)) {
    const found = irreversibleOn(revision, session.dialect.name);
    if (!found) continue;
    const concerned: string[] = [];
    for (const table of found.tables) {
      if (!filled.has(table)) filled.set(table, present.has(table) && (await holdsRows(session, table)));
      if (filled.get(table)) concerned.push(table);
    }
    if (concerned.length > 0)
      questions.push({
        key: revision.revision as string,
        meaning: `${revision.revision} (MLflow ${revision.release}) cannot be undone: ${found.why}; rows concerned are in ${concerned.join(', ')}`,
      });
  }
  return questions;
}

/** Whether a table has any row. */
export async function holdsRows({ sql }: Session, table: string): Promise<boolean> {
  const rows = await sql.query(`SELECT 1 AS found FROM ${sql.quote(table)} ORDER BY 1 ${sql.limit(1)}`);
  return rows.length > 0;
}

function olderServer({ chain, releases, options }: Work, target: number): Question[] {
  const { server } = options;
  const head = server && releases.get(server.version);
  const known = head === undefined ? undefined : chain.ordinalOf(head);
  if (!server || known === undefined || known >= target) return [];
  return [
    {
      key: 'mlflow',
      meaning: `MLflow ${server.version} (${server.where}) will not start on this database afterwards: ${startersOf(chain, releases, target)}`,
    },
  ];
}

/** The questions that neither an option nor a person has answered yet; an option may name the beginning of a key. */
export const stillOpen = (
  questions: readonly Question[],
  confirm: readonly string[] | undefined,
  agreed: ReadonlySet<string>,
): Question[] =>
  questions.filter(
    ({ key }) => !agreed.has(key) && !confirm?.some((text) => text.length >= 4 && key.startsWith(text)),
  );

/** What was most likely meant by those words of `--confirm` that agree to none of `keys`. */
export function meantBy(
  confirm: readonly string[] | undefined,
  keys: readonly string[],
  option: (key: string) => string,
): string[] {
  const meant = confirm?.flatMap((text) => similar(text, keys)) ?? [];
  return didYouMean([...new Set(meant)].map(option));
}

/** Asks a person, where there is one, and keeps what was agreed to. */
export async function isAgreed(
  questions: readonly Question[],
  { ask, stop }: Pick<UpgradeOptions, 'ask' | 'stop'>,
  agreed: Set<string>,
): Promise<boolean> {
  const agrees = ask !== undefined && (await ask(questions));
  if (agrees) for (const { key } of questions) agreed.add(key);
  else stop.check();
  return agrees;
}

/** Lets the user agree, in words or by options. @throws exit 6 where nobody does */
export async function agree(work: Work, questions: readonly Question[]): Promise<void> {
  const { options } = work;
  if (await isAgreed(questions, options, work.agreed)) return;
  const keys = questions.map(({ key }) => key);
  const option = (key: string) => `--confirm ${key}`;
  const older = keys.includes('mlflow') && options.server ? [toServer(options.server.version)] : [];
  throw confirmationError(
    `nobody has agreed to what this upgrade does:\n  - ${questions.map(({ meaning }) => meaning).join('\n  - ')}`,
    `take a backup (mltrack backup-hint says how), then agree with --yes, with ${keys.map(option).join(' ')}, or with MLTRACK_CONFIRM=${keys.join(',')}`,
    ...meantBy(options.confirm, keys, option),
    ...older,
    'nothing was changed',
  );
}

const toServer = (version: string): string =>
  `or stop where that MLflow still starts: --to ${version
    .split('.')
    .slice(0, compareVersions(version, '1.0.0') < 0 ? 3 : 2)
    .join('.')}`;

import type { Session } from '../../dialects/dialect.js';
import { confirmationError } from '../../errors.js';
import { holdsRows, isAgreed, meantBy, type Question } from '../guard.js';
import type { Stop } from '../stop.js';
import type { Chunk, RepairPlan } from './repair-plan.js';
import type { Reported } from './report.js';

/** From so many rows on, writing a table anew is asked about. */
const manyRows = 100_000;

const converting = new Set([
  'column-type',
  'column-generated',
  'table-collation',
  'table-engine',
  'database-charset',
]);

/** What must be agreed to: values that are converted, and big tables that are written anew. */
export async function repairQuestions(session: Session, plan: RepairPlan): Promise<Question[]> {
  const { live } = plan.checked;
  const questions: Question[] = [];
  for (const finding of plan.chosen) {
    const { table, rule, id } = finding;
    if (!converting.has(rule) || table === null || !live.has(table) || !(await holdsRows(session, table)))
      continue;
    questions.push({ key: id, meaning: `${finding.message}: the values of its rows are converted` });
  }
  const asked = new Set(questions.map(({ key }) => key));
  for (const [table, owners] of rewritten(plan.chunks)) {
    if (owners.some((id) => asked.has(id))) continue;
    const rows = live.has(table) ? await session.estimateRows(table) : 0;
    if (rows >= manyRows)
      questions.push({
        key: `rewrite:${table}`,
        meaning: `${table}, about ${rows.toLocaleString('en')} rows, is written anew`,
      });
  }
  return questions;
}

/** Tables that are copied; an index that is built reads the table, and copies nothing. */
function rewritten(chunks: readonly Chunk[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { operations, statements, owners } of chunks) {
    const changes = operations.some(({ kind }) => /Column|PrimaryKey/.test(kind));
    for (const { table, replaces, scans } of statements)
      if (replaces || (scans && changes)) found.set(table, [...(found.get(table) ?? []), ...owners]);
  }
  return found;
}

export interface Agreeing {
  readonly yes: boolean;
  /** Beginnings of the keys of questions that are agreed to. */
  readonly confirm?: readonly string[];
  readonly ask?: (questions: readonly Question[]) => Promise<boolean>;
  readonly stop: Stop;
}

/** Lets the user agree, in words or by options. @throws exit 6 where nobody does */
export async function agreeToRepair(
  questions: readonly Question[],
  options: Agreeing,
  agreed: Set<string>,
): Promise<void> {
  if (await isAgreed(questions, options, agreed)) return;
  const keys = questions.map(({ key }) => key);
  const option = (key: string) => `--confirm '${key}'`;
  throw confirmationError(
    `nobody has agreed to what this repair does:\n  - ${questions.map(({ meaning }) => meaning).join('\n  - ')}`,
    `take a backup (mltrack backup-hint says how), then agree with --yes or with ${keys.map(option).join(' ')}`,
    ...meantBy(options.confirm, keys, option),
    'or leave them out: --only names what shall be repaired',
    'nothing was changed',
  );
}

/** The findings that `--only` names, by id or rule. */
export const isNamed =
  (only: readonly string[]) =>
  ({ id, rule }: Reported): boolean =>
    only.length === 0 || only.includes(id) || only.includes(rule);

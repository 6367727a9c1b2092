import type { Checked } from '../../src/core/check/check.js';
import { type RepairOptions, type RepairResult, repair } from '../../src/core/check/repair.js';
import type { Reported } from '../../src/core/check/report.js';
import { Stop } from '../../src/core/stop.js';
import type { Session } from '../../src/dialects/dialect.js';
import { ExitCode, MltrackError } from '../../src/errors.js';
import { check } from '../support/check.js';
import { type Database, databaseAt, openSession, type ServerKind } from '../support/databases.js';
import { goldenOf } from '../support/golden.js';
import { type Account, accountOf, changes } from './account.js';
import { batchesOf, isStranger, type Mutant, type Mutants } from './batches.js';
import { speaksOfEdit } from './expected.js';
import { differences } from './same-golden.js';

export interface Miss {
  readonly mutant: string;
  /** What it missed. */
  readonly of: 'kill' | 'repair';
  readonly why: string;
}

export interface Score {
  readonly made: number;
  readonly killed: number;
  readonly repaired: number;
  readonly misses: readonly Miss[];
}

interface Run extends Mutants {
  readonly kind: ServerKind;
  readonly ordinal: number;
  /** What the server says of the database as MLflow left it. */
  readonly base: Account;
  readonly misses: Miss[];
  database: Database;
}

/** Makes every mutant, checks, repairs, checks again, and compares with the golden. */
export async function scoreOf(
  kind: ServerKind,
  ordinal: number,
  all: Mutants,
  chosen: readonly Mutant[] = all.mutants,
): Promise<Score> {
  const database = await databaseAt(kind, ordinal);
  const run: Run = { ...all, kind, ordinal, database, base: await accountOf(database), misses: [] };
  try {
    await requireClean(run);
    for (const batch of batchesOf(chosen)) await tryBatch(run, batch);
  } finally {
    await run.database.drop();
  }
  const without = (of: Miss['of']) =>
    chosen.length - new Set(run.misses.flatMap((miss) => (miss.of === of ? [miss.mutant] : []))).size;
  return { made: chosen.length, killed: without('kill'), repaired: without('repair'), misses: run.misses };
}

/** Where a batch fails as a whole, each of it is tried alone. */
async function tryBatch(run: Run, batch: readonly Mutant[]): Promise<void> {
  try {
    run.misses.push(...(await runBatch(run, batch)));
  } catch (error) {
    await restore(run);
    if (batch.length > 1) for (const mutant of batch) await tryBatch(run, [mutant]);
    else
      for (const of of ['kill', 'repair'] as const)
        run.misses.push({ mutant: batch[0]?.title ?? '', of, why: `failed: ${String(error)}` });
  }
}

async function restore(run: Run): Promise<void> {
  await run.database.drop();
  run.database = await databaseAt(run.kind, run.ordinal);
}

/** Without mutants there must be nothing to report: else no score means anything. */
async function requireClean(run: Run): Promise<void> {
  const { findings } = await inSession(run.database, check);
  const alarms = findings.filter(isDrift).map(({ id }) => id);
  if (alarms.length > 0) throw new Error(`the golden itself is reported: ${alarms.join(', ')}`);
}

const isDrift = ({ rule }: Reported): boolean => rule !== 'revision-behind';

const asked = (): RepairOptions => ({
  ...{ only: [], rows: false, yes: true, stop: new Stop(), listen: () => undefined },
});

async function inSession<T>(database: Database, work: (session: Session) => Promise<T>): Promise<T> {
  const { session } = await openSession(database);
  return work(session).finally(() => session.close());
}

async function runBatch(run: Run, batch: readonly Mutant[]): Promise<Miss[]> {
  await run.database.run(...batch.flatMap(({ statements }) => statements));
  requireMade(run, batch, await accountOf(run.database));
  if (batch.some(({ refused }) => refused)) return refuse(run, batch);
  return inSession(run.database, async (session) => {
    const { findings } = await check(session);
    const misses = judge(batch, findings.filter(isDrift));
    const result = await repair(session, asked());
    const after = await check(session);
    return [...misses, ...(await compare(run, batch, result, after))];
  }).then(async (misses) => {
    if (misses.some(({ of }) => of === 'repair') || batch.some(isStranger)) await restore(run);
    return misses;
  });
}

/** What check and repair refuse, they refuse in words, and leave as it is. */
async function refuse(run: Run, batch: readonly Mutant[]): Promise<Miss[]> {
  const before = await accountOf(run.database);
  const misses: Miss[] = [];
  const [{ title: mutant }] = batch as [Mutant];
  for (const [of, work] of [
    ['kill', check],
    ['repair', (session: Session) => repair(session, asked())],
  ] as const) {
    const error: unknown = await inSession<unknown>(run.database, work).then(
      () => null,
      (reason: unknown) => reason,
    );
    if (!(error instanceof MltrackError) || error.exitCode !== ExitCode.ahead)
      misses.push({ mutant, of, why: `not refused with exit ${ExitCode.ahead}, but: ${String(error)}` });
    else if (!/alembic_version|revision/.test(error.message))
      misses.push({ mutant, of, why: `refused without a word of the stamp: ${error.message}` });
  }
  if (changes(before, await accountOf(run.database)).length > 0)
    misses.push({ mutant, of: 'repair', why: 'it was refused, and changed' });
  await restore(run);
  return misses;
}

/** @throws Error for a mutant that changes nothing that the server tells, or something that it does not say it does */
function requireMade({ base, golden, kind }: Run, batch: readonly Mutant[], account: Account): void {
  const changed = changes(base, account);
  for (const { edit, title } of batch)
    if (
      !changed.some(([table, line]) => table === edit.table && speaksOfEdit(edit, golden, kind, table, line))
    )
      throw new Error(`${title} is no mutant`);
  for (const [table, line] of changed)
    if (!batch.some(({ edit }) => speaksOfEdit(edit, golden, kind, table, line)))
      throw new Error(`no mutant says that it changes ${table}: ${line}`);
}

/** Every mutant is reported at its severity, and nothing else is but what goes with one. */
function judge(batch: readonly Mutant[], findings: readonly Reported[]): Miss[] {
  const misses: Miss[] = [];
  const miss = ({ title: mutant }: Mutant, why: string) => misses.push({ mutant, of: 'kill', why });
  const explained = new Set<Reported>();
  for (const mutant of batch) {
    const { rules, severities, table, named } = mutant.expected;
    const hits = findings.filter(
      (finding) => finding.table === table && rules.includes(finding.rule) && named(finding.name),
    );
    for (const hit of hits) {
      explained.add(hit);
      if (!severities.includes(hit.severity))
        miss(mutant, `${hit.id} is ${hit.severity}, not ${severities.join(' or ')}`);
    }
    if (hits.length === 0) {
      const instead = findings.filter((finding) => finding.table === table).map(({ id }) => id);
      miss(mutant, `no ${rules.join(' or ')}${instead.length > 0 ? `, but ${instead.join(', ')}` : ''}`);
    }
  }
  for (const finding of findings) {
    if (explained.has(finding) || batch.some(({ expected }) => expected.entailed(finding))) continue;
    const near = batch.filter(({ touches }) => finding.table !== null && touches.has(finding.table));
    for (const mutant of near.length > 0 ? near : batch) miss(mutant, `also reported: ${finding.id}`);
  }
  return misses;
}

async function compare(
  { base, golden, kind, database }: Run,
  batch: readonly Mutant[],
  { left }: RepairResult,
  { findings, live }: Checked,
): Promise<Miss[]> {
  const changed = changes(base, await accountOf(database));
  const apart = differences(golden, goldenOf(live), kind);
  return batch.flatMap((mutant): Miss[] => {
    const { touches, edit, title } = mutant;
    const why = isStranger(mutant)
      ? [
          ...changed
            .filter(([table, line]) => touches.has(table) && !speaksOfEdit(edit, golden, kind, table, line))
            .map(([table, line]) => `it changed ${table}: ${line}`),
          ...(changed.some(([table]) => table === edit.table) ? [] : ['the stranger is gone']),
          ...findings
            .filter(({ table, severity }) => table === edit.table && severity !== 'note')
            .filter(({ id }) => !left.some(({ finding, why }) => finding.id === id && why !== ''))
            .map(({ id }) => `${id} is left without a reason`),
        ]
      : [
          ...findings
            .filter((finding) => isDrift(finding) && finding.table !== null && touches.has(finding.table))
            .map(({ id }) => `left: ${id}`),
          ...left.filter(({ finding }) => touches.has(finding.table ?? '')).map(({ why }) => why),
          ...changed
            .filter(([table]) => touches.has(table))
            .map(([table, line]) => `not the golden: ${table}: ${line}`),
          ...apart
            .filter(([table]) => touches.has(table))
            .map(([table, part]) => `not the golden: ${table}: ${part}`),
        ];
    return why.length > 0 ? [{ mutant: title, of: 'repair', why: why.join('; ') }] : [];
  });
}

import type { Dialect, ScriptLanguage, Session } from '../dialects/dialect.js';
import { irreversibleOn } from '../schema/revision.js';
import type { Schema } from '../schema/table.js';
import type { Listener } from './events.js';
import type { Chain } from './revisions.js';
import { scriptContext, watch } from './script-rows.js';
import { stampStatements } from './stamp.js';
import { versionTable } from './state.js';
import type { ChangeStep, RowStep, Step } from './steps.js';
import type { Stop } from './stop.js';

/** Everything one script is written from. */
export interface Writing {
  readonly language: ScriptLanguage;
  readonly dialect: Dialect;
  readonly chain: Chain;
  /** The database, opened to read; null: the script is written without one. */
  readonly session: Session | null;
  /** The schema when the script begins. */
  readonly start: Schema;
  /** The revision in `alembic_version` when it begins; null: none. */
  readonly stamp: string | null;
  readonly steps: readonly Step[];
  /** Nothing of MLflow's is there: everything is created at once. */
  readonly fresh: boolean;
  /** What the script says of itself at its top. */
  readonly title: readonly string[];
  /** Assertions for the moment before rows are removed that values were worked out from. */
  readonly afterwards: string[];
  readonly emit: (...lines: readonly string[]) => Promise<void>;
  readonly stop: Stop;
  readonly listen: Listener;
}

/** Writes a whole script: settings, lock, assertions, steps, end. */
export async function writeBody(writing: Writing): Promise<void> {
  const { language, dialect, chain, session, start, steps, emit } = writing;
  await emit(language.comment(writing.title.join('\n')), '');
  await emit(...language.opening(), ...((session && (await language.settings?.(session.sql))) ?? []));
  await emit(...language.lock(), '');
  await emit(language.assert(stampAssertion(writing)));
  if (session) for (const sql of language.readSettings) await session.query(sql);
  const watched = await watchAll(writing);
  await emit(...(await expectations(writing)));
  const end = steps.reduce((schema, step) => (step.kind === 'change' ? step.after : schema), start);
  const keys = writing.fresh ? undefined : language.keepKeys?.(start, end);
  await emit(...(keys?.before ?? []));
  for (const step of steps) {
    writing.stop.check();
    await emit('', ...language.comment(describe(step, writing)).split('\n'));
    if (step.kind === 'change') await change(writing, step);
    else if (step.kind === 'rows') await work(writing, step, watched.get(step) ?? []);
    else await emit(...stampStatements(dialect, step, nameOf(chain, step.ordinal)).map(language.statement));
  }
  await emit('', ...(keys?.after ?? []), ...language.closing(), language.comment('End of the script.'));
}

function stampAssertion({ language, start, stamp }: Writing) {
  const count = `(SELECT COUNT(*) FROM ${versionTable})`;
  if (stamp !== null)
    return {
      condition: `${count} = 1 AND (SELECT MAX(version_num) FROM ${versionTable}) = '${stamp}'`,
      reason: `this script begins at revision ${stamp}, and ${versionTable} says that the database is not there: write a new one`,
    };
  return {
    condition: start.has(versionTable) ? `${count} = 0` : `NOT ${language.hasTable(versionTable)}`,
    reason: `this script begins where there is no revision, and ${versionTable} is there by now: write a new one`,
  };
}

/** Looks at all rows that decide before the first change, and keeps writers off them. */
async function watchAll(writing: Writing): Promise<Map<RowStep, readonly string[]>> {
  const { language, session, steps, emit } = writing;
  const watched = new Map<RowStep, readonly string[]>();
  for (const step of steps) {
    if (step.kind !== 'rows' || !step.work.sources) continue;
    const { tables, lines, afterwards } = await watch(writing, step);
    if (session && tables.length > 0) await emit(...language.lockOut(tables));
    await emit(...lines);
    watched.set(step, lines);
    writing.afterwards.push(...afterwards);
  }
  return watched;
}

/** What tables must be like that are replaced. */
async function expectations({ language, session, steps, start }: Writing): Promise<string[]> {
  const replaced = steps.flatMap((step) =>
    step.kind === 'change' ? step.statements.filter(({ replaces, describes }) => replaces || describes) : [],
  );
  const names = new Set(replaced.map((statement) => statement.table));
  const tables = [...start.values()].filter((table) => names.has(table.name));
  const expected = await language.asExpected?.(tables, session ? session.sql : null);
  return (expected ?? []).map(language.assert);
}

async function change({ language, session, emit }: Writing, step: ChangeStep): Promise<void> {
  const replaced = step.statements.flatMap((statement) => (statement.replaces ? [statement.table] : []));
  const around = await language.around?.(replaced, session ? session.sql : null);
  await emit(...(around?.before ?? []));
  for (const { sql, setting } of step.statements)
    await emit(...(setting ? [setting.on, sql, setting.off] : [sql]).map(language.statement));
  await emit(...(around?.after ?? []));
}

async function work(writing: Writing, step: RowStep, watched: readonly string[]): Promise<void> {
  // Time has passed since the beginning, in which others could write.
  if (!writing.dialect.transactionalDdl) await writing.emit(...watched);
  await step.work.run(scriptContext(writing, step));
}

const nameOf = (chain: Chain, ordinal: number): string => chain.revisions[ordinal]?.revision ?? '';

/** What a step is for, as the comment above it. */
function describe(step: Step, { chain, dialect, fresh }: Writing): string {
  const at = (ordinal: number) => chain.revisions[ordinal] as (typeof chain.revisions)[number];
  if (step.kind === 'stamp') return `stamp: ${at(step.ordinal).revision}`;
  if (step.kind === 'rows') return `${at(step.ordinal).revision}: ${step.work.title}`;
  if (fresh) return `all tables of MLflow ${at(step.ordinal).release}`;
  if (step.operations.length === 0 && step.statements.length > 0)
    return step.statements.map(({ title }) => title).join('\n');
  const ends = step.ends.length > 0 ? step.ends : [step.ordinal];
  return ends
    .map((ordinal) => {
      const { revision, release, title } = at(ordinal);
      const irreversible = irreversibleOn(at(ordinal), dialect.name);
      const warning = irreversible ? `\n  irreversible: ${irreversible.why}` : '';
      return `${revision ?? 'base'} (MLflow ${release}): ${title}${warning}`;
    })
    .join('\n');
}

import type { Session } from '../../dialects/dialect.js';
import type { Condition, Row } from '../../schema/row-work.js';
import { columnOf, type Schema } from '../../schema/table.js';
import { type ItemKind, itemKinds } from './delete-rows.js';
import { keysAtOnce } from './delete-rows-walk.js';
import { reasonsOfExperiments } from './eligible-experiments.js';
import { chunks } from './eligible-registered.js';
import {
  finished,
  type Item,
  type Kept,
  type Page,
  type Rules,
  timeColumn,
  tooYoung,
} from './eligible-rules.js';

type Kind = Exclude<ItemKind, 'trace'>;

/** A database whose revision is known. */
export interface Known {
  readonly session: Session;
  readonly schema: Schema;
}

const shown: Readonly<Record<Kind, { readonly name: string; readonly uri?: string }>> = {
  run: { name: 'name', uri: 'artifact_uri' },
  model: { name: 'name', uri: 'artifact_location' },
  experiment: { name: 'name', uri: 'artifact_location' },
  job: { name: 'job_name' },
};

/**
 * Everything of a kind that the rules reach, page by page: what goes, and what stays and why. Runs and models first,
 * then experiments, which hold them; jobs at any time.
 */
export async function* eligible(known: Known, kind: Kind, rules: Rules): AsyncGenerator<Page> {
  if (!known.schema.has(itemKinds[kind][0])) return;
  const named = rules.ids[kind];
  if (named) for (const some of chunks(new Set(named))) yield await byId(known, kind, rules, some);
  if (kind === 'run' || kind === 'model') {
    const { experiment } = rules.ids;
    if (experiment)
      for (const some of chunks(new Set(experiment)))
        yield* deleted(known, kind, rules, await oneOf(known, 'experiment_id', kind, some));
  }
  const any = Object.values(rules.ids).some((ids) => ids !== undefined);
  if (!any && (kind !== 'job' || rules.jobs))
    yield* deleted(known, kind, rules, { sql: '1 = 1', params: [] });
  else if (kind === 'job' && rules.jobs && !named)
    yield* deleted(known, kind, rules, { sql: '1 = 1', params: [] });
}

async function oneOf(
  { session, schema }: Known,
  column: string,
  kind: Kind,
  ids: readonly string[],
): Promise<Condition> {
  const type =
    columnOf(schema.get(itemKinds[kind][0]) as never, column)?.type.kind === 'integer' ? 'integer' : 'text';
  const { oneOf: among } = await session.dialect.gc();
  // No other spelling of a number, and none that the column cannot hold.
  const numbers = ids.filter((id) => String(Number(id)) === id).map(Number);
  const values = type === 'text' ? ids : numbers.filter((n) => Number.isInteger(n) && Math.abs(n) < 2 ** 31);
  return values.length === 0 ? { sql: '1 = 0', params: [] } : among(session.sql.quote(column), type, values);
}

/** Items that a user named: one that is not deleted, or not there, is kept with that reason. */
async function byId(known: Known, kind: Kind, rules: Rules, ids: readonly string[]): Promise<Page> {
  const [, key] = itemKinds[kind];
  const asked = new Set(ids);
  const found = await select(known, kind, rules, await oneOf(known, key, kind, ids));
  // MySQL's collations find an id in other letters as well.
  const rows = found.filter((row) => asked.has(String(row.id)));
  const there = new Set(rows.map((row) => String(row.id)));
  const page = await judge(known, kind, rules, rows);
  const missing = ids
    .filter((id) => !there.has(id))
    .map(
      (id): Kept => ({
        item: { kind, id, name: null, experimentId: null, deletedAt: null, artifactUri: null },
        reason:
          rules.workspace === null
            ? `there is no such ${kind}`
            : `there is no such ${kind} in workspace ${rules.workspace}`,
      }),
    );
  return { items: page.items, kept: [...page.kept, ...missing] };
}

async function* deleted(known: Known, kind: Kind, rules: Rules, among: Condition): AsyncGenerator<Page> {
  const { sql } = known.session;
  const [, key] = itemKinds[kind];
  const own = kind === 'job' ? `status IN (${finished.join(', ')})` : "lifecycle_stage = 'deleted'";
  for (let last: string | undefined; ; ) {
    const beyond = last === undefined ? { sql: '1 = 1', params: [] } : afterKey(known, kind, key, last);
    const rows = await select(known, kind, rules, {
      sql: `${own} AND ${among.sql} AND ${beyond.sql} ORDER BY ${sql.quote(key)} ${sql.limit(keysAtOnce)}`,
      params: [...among.params, ...beyond.params],
    });
    if (rows.length > 0) yield await judge(known, kind, rules, rows);
    if (rows.length < keysAtOnce) return;
    last = String(rows.at(-1)?.id);
  }
}

const afterKey = ({ session: { sql } }: Known, kind: Kind, key: string, last: string): Condition =>
  kind === 'experiment'
    ? { sql: `${sql.quote(key)} > ${sql.bind('integer')}`, params: [Number(last)] }
    : sql.after([key], [last]);

/** Revision 5d2d30f0abce gave the name of a job another column. */
const nameColumn = (schema: Schema, kind: Kind): string =>
  kind === 'job' && !columnOf(schema.get('jobs') as never, 'job_name')
    ? 'function_fullname'
    : shown[kind].name;

/** Rows with the columns that an item is made of; the workspace is looked at first. */
async function select(
  { session, schema }: Known,
  kind: Kind,
  rules: Rules,
  where: Condition,
): Promise<Row[]> {
  const { quote, asText } = session.sql;
  const [table, key] = itemKinds[kind];
  const { uri } = shown[kind];
  const name = nameColumn(schema, kind);
  const time = timeColumn(schema, kind);
  const columns = [
    `${quote(key)} AS id`,
    `${quote(name)} AS name`,
    ...(uri ? [`${quote(uri)} AS uri`] : []),
    ...(time ? [`${asText(quote(time))} AS deleted_at`] : []),
    kind === 'job' ? 'status' : 'lifecycle_stage AS stage',
    ...(kind === 'run' || kind === 'model' ? ['experiment_id AS experiment'] : []),
  ];
  const scope = workspaceOf(schema, kind, rules.workspace);
  return session.query(
    `SELECT ${columns.join(', ')} FROM ${quote(table)} WHERE ${scope.sql} AND ${where.sql}`,
    [...scope.params, ...where.params],
  );
}

/** Before workspaces came (1b5f0d9ad7c1) everything was in `default`. */
function workspaceOf(schema: Schema, kind: Kind, workspace: string | null): Condition {
  if (workspace === null) return { sql: '1 = 1', params: [] };
  if (!columnOf(schema.get('experiments') as never, 'workspace'))
    return { sql: workspace === 'default' ? '1 = 1' : '1 = 0', params: [] };
  const own = kind === 'job' || kind === 'experiment';
  return {
    sql: own
      ? 'workspace = ?'
      : 'experiment_id IN (SELECT experiment_id FROM experiments WHERE workspace = ?)',
    params: [workspace],
  };
}

async function judge(known: Known, kind: Kind, rules: Rules, rows: readonly Row[]): Promise<Page> {
  const made = rows.map((row) => ({ row, item: itemOf(kind, row) }));
  const going = made.map(({ row, item }) => ({ item, reason: reasonToKeep(kind, rules, row, item) }));
  const open = going.filter(({ reason }) => reason === null).map(({ item }) => item.id);
  const held =
    kind === 'experiment' ? await reasonsOfExperiments(known, rules, open) : new Map<string, string>();
  const judged = going.map(({ item, reason }) => ({ item, reason: reason ?? held.get(item.id) ?? null }));
  return {
    items: judged.filter(({ reason }) => reason === null).map(({ item }) => item),
    kept: judged.flatMap(({ item, reason }) => (reason === null ? [] : [{ item, reason }])),
  };
}

const itemOf = (kind: Kind, row: Row): Item => ({
  ...{ kind, id: String(row.id), name: (row.name as string | null) ?? null },
  experimentId:
    kind === 'experiment' ? String(row.id) : row.experiment == null ? null : String(row.experiment),
  deletedAt: row.deleted_at == null ? null : Number(row.deleted_at),
  artifactUri: (row.uri as string | null | undefined) ?? null,
});

function reasonToKeep(kind: Kind, rules: Rules, row: Row, item: Item): string | null {
  if (kind === 'job' && !finished.includes(Number(row.status))) return 'the job has not ended';
  if (kind !== 'job' && row.stage !== 'deleted') return `the ${kind} is not deleted`;
  const young = tooYoung(item.deletedAt, rules);
  if (young) return young;
  const { registered } = rules;
  const as =
    kind === 'run'
      ? registered?.runs.get(item.id)
      : kind === 'model'
        ? registered?.models.get(item.id)
        : undefined;
  return as === undefined ? null : `registered as ${as}; --include-registered collects it all the same`;
}

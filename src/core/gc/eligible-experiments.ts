import type { Condition } from '../../schema/row-work.js';
import { columnOf } from '../../schema/table.js';
import { type ItemKind, itemKinds } from './delete-rows.js';
import type { Known } from './eligible.js';
import { chunks } from './eligible-registered.js';
import { type Rules, stillGoes } from './eligible-rules.js';

/**
 * Why deleted experiments of sufficient age stay: what they hold and the rules keep. A guardrail's scorer is there too;
 * `mlflow gc` fails on its foreign key.
 *
 * @param ids experiments; at most `keysAtOnce`
 */
export async function reasonsOfExperiments(
  known: Known,
  rules: Rules,
  ids: readonly string[],
): Promise<Map<string, string>> {
  const reasons = new Map<string, string>();
  if (ids.length === 0) return reasons;
  const { oneOf } = await known.session.dialect.gc();
  const inside = oneOf('experiment_id', 'integer', ids.map(Number));
  const asked = new Set(ids);
  const note = (id: unknown, reason: string): void => {
    if (asked.has(String(id)) && !reasons.has(String(id))) reasons.set(String(id), reason);
  };
  for (const kind of ['run', 'model'] as const) await noteContents(known, rules, kind, inside, note);
  await noteGuardrails(known, inside, note);
  return reasons;
}

type Note = (id: unknown, reason: string) => void;

async function noteContents(
  known: Known,
  rules: Rules,
  kind: 'run' | 'model',
  inside: Condition,
  note: Note,
): Promise<void> {
  const [table, key] = itemKinds[kind as ItemKind];
  if (!known.schema.has(table)) return;
  const { session, schema } = known;
  const word = kind === 'run' ? 'run' : 'logged model';
  const count = async (where: Condition, tell: (n: number) => string): Promise<void> => {
    const rows = await session.query<{ id: number; n: number | string }>(
      `SELECT experiment_id AS id, COUNT(*) AS n FROM ${table} WHERE ${inside.sql} AND ${where.sql} GROUP BY experiment_id`,
      [...inside.params, ...where.params],
    );
    for (const { id, n } of rows) note(id, tell(Number(n)));
  };
  const several = (n: number): string => `${n} ${word}${n > 1 ? 's' : ''}`;
  const active = { sql: "(lifecycle_stage <> 'deleted' OR lifecycle_stage IS NULL)", params: [] };
  if (kind === 'run' || rules.activeModels === 'hold')
    await count(active, (n) => `it holds ${several(n)} that ${n > 1 ? 'are' : 'is'} not deleted`);
  const goes = stillGoes(kind, rules, { schema, sql: session.sql });
  await count(
    { sql: `lifecycle_stage = 'deleted' AND ${notTrue(goes.sql)}`, params: goes.params },
    (n) => `it holds ${several(n)} that ${n > 1 ? 'were' : 'was'} deleted too late or at an unknown time`,
  );
  const registered = kind === 'run' ? rules.registered?.runs : rules.registered?.models;
  const { oneOf } = await session.dialect.gc();
  for (const some of chunks(registered?.keys() ?? [])) {
    const own = oneOf(session.sql.quote(key), 'text', some);
    const rows = await session.query<{ k: string; id: number }>(
      `SELECT ${session.sql.quote(key)} AS k, experiment_id AS id FROM ${table} WHERE ${own.sql}`,
      own.params,
    );
    for (const { k, id } of rows) note(id, `it holds ${word} ${k}, registered as ${registered?.get(k)}`);
  }
}

/** A condition that NULL makes neither true nor false is not met either. */
const notTrue = (condition: string): string => `CASE WHEN ${condition} THEN 0 ELSE 1 END = 1`;

async function noteGuardrails({ session, schema }: Known, inside: Condition, note: Note): Promise<void> {
  const guardrails = schema.get('guardrails');
  if (!guardrails || !columnOf(guardrails, 'scorer_id')) return;
  const rows = await session.query<{ id: number; name: string }>(
    `SELECT s.experiment_id AS id, MIN(g.name) AS name FROM guardrails g JOIN scorers s ON s.scorer_id = g.scorer_id
     WHERE s.${inside.sql} GROUP BY s.experiment_id`,
    inside.params,
  );
  for (const { id, name } of rows) note(id, `guardrail ${name} uses one of its scorers`);
}

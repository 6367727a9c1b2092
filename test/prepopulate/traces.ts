import type { ServerKind } from '../support/databases.js';
import { kinds } from '../support/databases.js';

/** How many traces `seeded` makes; every second one has two assessments, each has two spans. */
export const traces = 24;

/** Keys that lie all over the order in which tables are filled, as MLflow's random ones do. */
const idOf = (i: number): string => `tr-${((i * 7919) % 1000).toString().padStart(3, '0')}`;

const text = (value: string): string => `'${value}'`;

/** Statements that add one trace with all that 75868b020152 moves into columns. */
export function trace(kind: ServerKind, i: number, id = idOf(i)): string[] {
  const [key, value] = ['key', 'value'].map(kinds[kind].quote);
  const usage =
    i % 3 === 0 ? '{"input_tokens": "1_000"}' : `{"input_tokens": ${i}, "total_tokens": ${2 * i}}`;
  const pair = (table: string, name: string, held: string) =>
    `INSERT INTO ${table} (request_id, ${key}, ${value}) VALUES ('${id}', '${name}', ${held})`;
  const spans = ['a', 'b'].flatMap((span) => [
    `INSERT INTO spans (trace_id, experiment_id, span_id, status, start_time_unix_nano, content, dimension_attributes)
     VALUES ('${id}', 1, '${span}', 'OK', ${i}, '{}', '{"mlflow.llm.model": "model ${i}"}')`,
    `INSERT INTO span_metrics (trace_id, span_id, ${key}, ${value}) VALUES ('${id}', '${span}', 'total_cost', 0.${i + 1})`,
  ]);
  const assessment = (n: number, held: string) =>
    `INSERT INTO assessments (assessment_id, trace_id, name, assessment_type, ${value}, created_timestamp,
       last_updated_timestamp, source_type, valid)
     VALUES ('a-${id}-${n}', '${id}', 'n', 'feedback', '${held}', 0, 0, 'HUMAN', ${kind === 'postgresql' ? 'true' : 1})`;
  return [
    `INSERT INTO trace_info (request_id, experiment_id, timestamp_ms, status) VALUES ('${id}', 1, ${1000 + i}, 'OK')`,
    pair('trace_tags', 'mlflow.traceName', text(`name ${i}`)),
    pair('trace_request_metadata', 'mlflow.trace.session', text(`session ${i}`)),
    pair('trace_request_metadata', 'mlflow.trace.tokenUsage', text(usage)),
    // Gateway traces without a cost of their own get the sum of their spans, at the end of the upgrade alone.
    pair(
      'trace_request_metadata',
      i % 4 === 0 ? 'mlflow.gateway.endpointId' : 'mlflow.trace.cost',
      text(`{"total_cost": 0.5}`),
    ),
    ...(i % 5 === 0 ? [pair('trace_metrics', 'input_tokens', '7')] : []),
    ...spans,
    ...(i % 2 === 0 ? [assessment(1, '"yes"'), assessment(2, `0.${i}`)] : []),
  ];
}

export const seeded = (kind: ServerKind): string[] => [
  "INSERT INTO experiments (experiment_id, name) VALUES (1, 'one')",
  ...Array.from({ length: traces }, (_, i) => trace(kind, i)).flat(),
];

/** What a server that works on may do to traces, the first and the last ones in the order of their keys among them. */
export function changes(kind: ServerKind, round: number): string[] {
  const [key, value] = ['key', 'value'].map(kinds[kind].quote);
  const ids = Array.from({ length: traces }, (_, i) => idOf(i)).sort();
  const [first, second, third, last] = [ids[round], ids[3 + round], ids[6 + round], ids.at(-1 - round)];
  const gone = (table: string, column: string) => `DELETE FROM ${table} WHERE ${column} = '${third}'`;
  return [
    `UPDATE trace_tags SET ${value} = 'renamed ${round}' WHERE request_id IN ('${first}', '${last}')`,
    `DELETE FROM trace_request_metadata WHERE request_id = '${second}' AND ${key} = 'mlflow.trace.session'`,
    `UPDATE spans SET dimension_attributes = '{"mlflow.llm.provider": "p"}' WHERE trace_id = '${first}' AND span_id = 'a'`,
    `UPDATE span_metrics SET ${value} = 9.5 WHERE trace_id = '${last}'`,
    `UPDATE assessments SET ${value} = '"no"' WHERE trace_id = '${second}'`,
    ...['span_metrics', 'spans', 'assessments'].map((table) => gone(table, 'trace_id')),
    ...['trace_tags', 'trace_request_metadata', 'trace_metrics'].map((table) => gone(table, 'request_id')),
    gone('trace_info', 'request_id'),
    ...trace(kind, 50 + round, `tr-${round}-0`),
    ...trace(kind, 60 + round, `tr-${round}-9`),
  ];
}

import { type BoundColumn, type Row, type RowContext, source } from '../../../src/schema/index.js';
import { listed, NAMED } from '../naming.js';
import { type KeyRange, pages } from '../pages.js';
import { updateRows } from '../write-rows.js';
import { assessmentAggregate } from './values.js';

const KEY: readonly BoundColumn[] = [{ name: 'assessment_id', type: 'text' }];
/** The columns it fills. */
export const ASSESSMENT_VALUES: readonly BoundColumn[] = [
  { name: 'experiment_id', type: 'integer' },
  { name: 'trace_timestamp_ms', type: 'bigint' },
  { name: 'aggregate_value', type: 'double' },
  { name: 'is_numeric_value', type: 'boolean' },
];

/**
 * Gives assessments the experiment and time of their trace, and what is summed up of their value; rows that hold
 * their values already are not written.
 */
export async function fillAssessments(
  context: RowContext,
  progress: (rows: number) => void,
  range: KeyRange = {},
): Promise<void> {
  for await (const page of pages<Row>(context, { ...read(context), range })) {
    const updates: unknown[][] = [];
    for (const row of page) {
      const { aggregate, numeric } = assessmentAggregate(row.source_value);
      const held = [row.experiment_id, row.trace_timestamp_ms, row.aggregate_value, numericOf(row)];
      const values = [row.source_experiment_id, row.source_timestamp, aggregate, numeric];
      if (held.some((value, i) => value !== values[i])) updates.push([row.assessment_id, ...values]);
    }
    await updateRows(context, 'assessments', KEY, ASSESSMENT_VALUES, updates);
    progress(page.length);
  }
}

/** SQLite has numbers for booleans. */
const numericOf = (row: Row): boolean | null =>
  row.is_numeric_value === null ? null : Boolean(row.is_numeric_value);

/** The revision goes on to forbid NULL in is_numeric_value, and MLflow checks two more columns here. */
export async function refuseGaps(context: RowContext): Promise<void> {
  const without = `
    FROM assessments WHERE experiment_id IS NULL OR trace_timestamp_ms IS NULL OR is_numeric_value IS NULL`;
  const reason = 'assessments without an experiment or time of their trace';
  if (context.script) return context.script.assert(`NOT EXISTS (SELECT 1 ${without})`, reason);
  const gaps = await context.query<{ assessment_id: string }>(
    `SELECT assessment_id ${without} ORDER BY assessment_id ${context.limit(NAMED)}`,
  );
  if (gaps.length === 0) return;
  const names = gaps.map((row) => row.assessment_id);
  throw new Error(`${reason}: ${listed(names, names.length)}`);
}

function read(context: RowContext) {
  return {
    columns: [
      'a.assessment_id, a.experiment_id, a.aggregate_value, a.is_numeric_value',
      `a.${context.quote('value')} AS source_value`,
      `${context.asText('a.trace_timestamp_ms')} AS trace_timestamp_ms`,
      't.experiment_id AS source_experiment_id',
      `${context.asText('t.timestamp_ms')} AS source_timestamp`,
    ].join(', '),
    from: `${source(context, 'assessments')} a JOIN ${source(context, 'trace_info')} t ON t.request_id = a.trace_id`,
    alias: 'a',
    key: ['assessment_id'],
  };
}

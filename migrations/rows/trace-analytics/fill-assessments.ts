import type { BoundColumn, Row, RowContext, SetWords } from '../../../src/schema/index.js';
import { listed, NAMED } from '../naming.js';
import type { KeyRange } from '../ranges.js';
import { fill, type InSets } from '../sets/fill.js';
import { plainAssessment } from './plain-assessment.js';
import { assessmentAggregate } from './values.js';

/** The columns it fills. */
export const ASSESSMENT_VALUES: readonly BoundColumn[] = [
  { name: 'experiment_id', type: 'integer' },
  { name: 'trace_timestamp_ms', type: 'bigint' },
  { name: 'aggregate_value', type: 'double' },
  { name: 'is_numeric_value', type: 'boolean' },
];

/** Gives assessments the experiment and time of their trace, and what is summed up of their value. */
export function fillAssessments(
  context: RowContext,
  progress: (rows: number) => void,
  range: KeyRange = {},
): Promise<void> {
  const filling = {
    table: 'assessments',
    key: ['assessment_id'],
    filled: ASSESSMENT_VALUES,
    // The revision deletes none of these sources.
    keeps: false,
    sources: {
      source_value: { value: `t.${context.quote('value')}` },
      source_experiment_id: { value: 'i.experiment_id' },
      source_timestamp: { value: 'i.timestamp_ms' },
      source_timestamp_text: { value: context.asText('i.timestamp_ms') },
    },
    parents: (named: (table: string) => string) => [
      `JOIN ${named('trace_info')} i ON i.request_id = t.trace_id`,
    ],
    joins: () => [],
    inSets: (words: SetWords) => inSets(context, words),
    values: (row: Row) => {
      // SQLite has numbers for booleans.
      if (row.is_numeric_value !== null) row.is_numeric_value = Boolean(row.is_numeric_value);
      const { aggregate, numeric } = assessmentAggregate(row.source_value);
      return [row.source_experiment_id, row.source_timestamp_text, aggregate, numeric];
    },
  };
  return fill(context, filling, range, progress);
}

/** The assessments that the server does by itself. */
function inSets(context: RowContext, words: SetWords): InSets {
  const value = plainAssessment(context, words, 'source_value');
  const integers = ['source_experiment_id', 'source_timestamp'].map((column) => ({
    of: column,
    levels: [],
    plain: `(${column} IS NULL OR ${words.isInteger(column)})`,
  }));
  return {
    sources: [{ ...value, of: 'source_value' }, ...integers],
    values: {
      experiment_id: 'source_experiment_id',
      trace_timestamp_ms: 'source_timestamp',
      aggregate_value: value.aggregate,
      is_numeric_value: value.numeric,
    },
  };
}

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

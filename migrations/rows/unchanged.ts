import type { Own, RowContext } from '../../src/schema/index.js';
import { categoriesByHash } from './issue-categories.js';
import { pages } from './pages.js';
import { assessmentAggregate } from './trace-analytics/values.js';

/** 89d4b8295536: a latest metric is nothing but a metric with the greatest step, timestamp and value. */
export const latestMetrics: Own = {
  table: 'latest_metrics',
  differs: ({ quote }) => {
    const columns = ['key', 'value', 'timestamp', 'step', 'is_nan', 'run_uuid'].map(quote);
    return `NOT EXISTS (
      SELECT 1 FROM (
        SELECT ${columns.join(', ')}, ROW_NUMBER() OVER (
          PARTITION BY ${quote('run_uuid')}, ${quote('key')}
          ORDER BY ${quote('step')} DESC, ${quote('timestamp')} DESC, ${quote('value')} DESC, ${quote('is_nan')}
        ) AS place FROM metrics
      ) r WHERE r.place = 1 AND ${columns.map((column) => `r.${column} = t.${column}`).join(' AND ')})`;
  },
};

/** 8b6ad64cb8f5: an issue was last seen when it was created. */
export const lastSeenAtCreation: Own = {
  table: 'issues',
  columns: ['last_seen_timestamp'],
  differs: () => 't.last_seen_timestamp IS NULL OR t.last_seen_timestamp <> t.created_timestamp',
};

/** 8b6ad64cb8f5: a category stands in the JSON list of its issue as well. */
export const issueCategories: Own = {
  table: 'issue_categories',
  async *changed(context) {
    const read = {
      columns: 'c.issue_id, c.category_hash, c.category, i.categories',
      from: 'issue_categories c JOIN issues i ON i.issue_id = c.issue_id',
      alias: 'c',
      key: ['issue_id', 'category_hash'],
    };
    for await (const page of pages<Record<string, string>>(context, read))
      for (const { issue_id, category_hash = '', category, categories } of page)
        if (categoriesByHash(categories)?.get(category_hash) !== category)
          yield `issue_id=${issue_id}, category=${category}`;
  },
};

/** 75868b020152: the experiment and time of the trace, and what can be summed up of the value. */
export const assessmentSummaries: Own = {
  table: 'assessments',
  columns: ['experiment_id', 'trace_timestamp_ms', 'aggregate_value', 'is_numeric_value'],
  async *changed(context) {
    const read = {
      columns: columnsOfAssessments(context),
      from: 'assessments a LEFT JOIN trace_info t ON t.request_id = a.trace_id',
      alias: 'a',
      key: ['assessment_id'],
    };
    for await (const page of pages(context, read))
      for (const row of page) {
        const { aggregate, numeric } = assessmentAggregate(row.source_value);
        const derived = [row.source_experiment_id, row.source_timestamp, aggregate, Number(numeric)];
        const held = [row.experiment_id, row.trace_timestamp_ms, row.aggregate_value];
        const isNumeric = row.is_numeric_value === null ? null : Number(row.is_numeric_value);
        if ([...held, isNumeric].some((value, i) => value !== derived[i]))
          yield `assessment_id=${row.assessment_id}`;
      }
  },
};

const columnsOfAssessments = ({ quote, asText }: RowContext): string =>
  [
    'a.assessment_id, a.experiment_id, a.aggregate_value, a.is_numeric_value',
    `a.${quote('value')} AS source_value`,
    `${asText('a.trace_timestamp_ms')} AS trace_timestamp_ms`,
    't.experiment_id AS source_experiment_id',
    `${asText('t.timestamp_ms')} AS source_timestamp`,
  ].join(', ');

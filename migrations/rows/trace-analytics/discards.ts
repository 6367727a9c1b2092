import type { Discard, Row, RowContext, SetWords } from '../../../src/schema/index.js';
import { NAMED } from '../naming.js';
import { pages } from '../pages.js';
import { finiteFloat } from '../python/float.js';
import { type PythonJson, parseJson } from '../python/json.js';
import { numbersObject } from '../sets/objects.js';
import { allOdd } from '../sets/read.js';
import { constants } from '../sql.js';
import {
  COST_COLUMNS,
  COST_KEY,
  MODEL_LENGTH,
  SESSION_ID_LENGTH,
  SESSION_KEY,
  TOKEN_COLUMNS,
  TOKEN_USAGE_KEY,
  TRACE_NAME_LENGTH,
  TRACE_NAME_TAG,
} from './names.js';
import { oddDimensions } from './plain-dimensions.js';
import { plainCostMetric, plainTokenMetric } from './plain-metrics.js';
import { spanModel } from './span-values.js';
import { bounded, metricOf, tokenCount } from './values.js';

/** Counts discards of several kinds, and keeps the first examples of each. */
class Tally {
  private readonly found = new Map<string, { count: number; examples: string[] }>();

  add(what: string, example: string, count = 1): void {
    const entry = this.found.get(what) ?? { count: 0, examples: [] };
    entry.count += count;
    if (entry.examples.length < NAMED) entry.examples.push(example);
    this.found.set(what, entry);
  }

  get discards(): Discard[] {
    return [...this.found].map(([what, entry]) => ({ what, ...entry }));
  }
}

const TEXTS = [
  { table: 'trace_tags', key: TRACE_NAME_TAG, length: TRACE_NAME_LENGTH, noun: 'trace names' },
  { table: 'trace_request_metadata', key: SESSION_KEY, length: SESSION_ID_LENGTH, noun: 'session ids' },
] as const;

const shown = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text);

/**
 * What revision 75868b020152 does not carry over: its columns hold whole numbers, finite costs and texts of a given
 * length, and the rows they come from are deleted.
 */
export async function discardedAnalytics(context: RowContext): Promise<Discard[]> {
  const tally = new Tally();
  for (const text of TEXTS) await longTexts(context, tally, text);
  await metadata(context, tally);
  await metrics(context, tally);
  await spanCosts(context, tally);
  await models(context, tally);
  await strays(context, tally);
  return tally.discards;
}

/** The rows of a table with one of several keys, in pages; none where the table is still to come. */
async function* withKeys(
  context: RowContext,
  table: string,
  keys: readonly string[],
  id: readonly string[],
  also = '',
): AsyncGenerator<{ readonly key: string; readonly id: string; readonly source: unknown }> {
  const [key, value] = [context.quote('key'), context.quote('value')];
  if ((await context.columnsOf(table)).length === 0) return;
  for (const wanted of keys) {
    const read = {
      columns: `${id.map((column) => `s.${column}`).join(', ')}, s.${value} AS source`,
      from: `${table} s`,
      alias: 's',
      key: id,
      where: `s.${key} = '${wanted}'${also}`,
    };
    for await (const page of pages<Row>(context, read))
      for (const row of page)
        yield { key: wanted, id: id.map((column) => row[column]).join('/'), source: row.source };
  }
}

async function longTexts(
  context: RowContext,
  tally: Tally,
  { table, key, length, noun }: { table: string; key: string; length: number; noun: string },
): Promise<void> {
  const longer = ` AND ${context.characters(`s.${context.quote('value')}`)} > ${length}`;
  for await (const { id, source } of withKeys(context, table, [key], ['request_id'], longer))
    if (bounded(source, length).cut) tally.add(`${noun}: cut to ${length} characters`, id);
}

/** Token usage and costs in the metadata of traces; what the server reads as it is written is kept. */
async function metadata(context: RowContext, tally: Tally): Promise<void> {
  const table = 'trace_request_metadata';
  if ((await context.columnsOf(table)).length === 0) return;
  const kinds = [
    { key: TOKEN_USAGE_KEY, noun: 'token usage', columns: TOKEN_COLUMNS, usable: isCount, kind: 'whole' },
    { key: COST_KEY, noun: 'costs', columns: COST_COLUMNS, usable: isCost, kind: 'decimal' },
  ] as const;
  for (const { key, noun, columns, usable, kind } of kinds) {
    const of = 'source_value';
    const from = { table, alias: 's', where: `s.${context.quote('key')} = '${key}'` };
    const reading = {
      ...{ table: 'trace_info', key: ['request_id'], filled: [] },
      sources: { [of]: { from, value: `s.${context.quote('value')}` } },
      joins: (named: (name: string) => string) => [
        `JOIN ${named(table)} s ON s.request_id = t.request_id AND ${from.where}`,
      ],
    };
    const plain = (words: SetWords) => [{ of, ...numbersObject(context, words, of, columns, kind) }];
    for await (const page of allOdd(context, reading, plain))
      for (const { request_id: id, [of]: source } of page) {
        const value = typeof source === 'string' ? parseJson(source) : undefined;
        if (!(value instanceof Map)) {
          if (source !== null)
            tally.add(`${noun} of a trace: no JSON object, dropped`, `${id}: ${shown(String(source))}`);
          continue;
        }
        for (const [field, item] of value) {
          if (!(columns as readonly string[]).includes(field))
            tally.add(`${noun} of a trace: fields that have no column, dropped`, `${id}: ${field}`);
          else if (item !== null && !usable(item))
            tally.add(
              `${noun} of a trace: no ${kind === 'whole' ? kind : 'finite'} number, dropped`,
              `${id}: ${field}`,
            );
        }
      }
  }
}

const isCount = (value: PythonJson): boolean => tokenCount(value) !== null;
const isCost = (value: PythonJson): boolean => finiteFloat(value) !== null;

/** Whether a condition does not hold, or is NULL. */
const isOdd = (condition: string): string => `CASE WHEN ${condition} THEN 1 ELSE 0 END = 0`;

/** Token metrics that are no whole number leave their column empty, and outrank the usage all the same. */
async function metrics(context: RowContext, tally: Tally): Promise<void> {
  const value = `s.${context.quote('value')}`;
  const also = context.sets ? ` AND ${isOdd(plainTokenMetric(context.sets, value).plain)}` : '';
  for await (const { key, id, source } of withKeys(
    context,
    'trace_metrics',
    TOKEN_COLUMNS,
    ['request_id'],
    also,
  ))
    if (source !== null && !isCount(metricOf(context, source)))
      tally.add('token metrics: no whole number, dropped', `${id}: ${key} = ${source}`);
}

async function spanCosts(context: RowContext, tally: Tally): Promise<void> {
  const value = `s.${context.quote('value')}`;
  const plain = context.sets && plainCostMetric(context, context.sets, value);
  // A plain cost is kept where the server makes the same value of it.
  const also = plain ? ` AND ${isOdd(`${plain.plain} AND ${plain.value} = ${value}`)}` : '';
  const rows = withKeys(context, 'span_metrics', COST_COLUMNS, ['trace_id', 'span_id'], also);
  for await (const { key, id, source } of rows) {
    const cost = metricOf(context, source);
    const example = `${id}: ${key} = ${source}`;
    if (source !== null && !isCost(cost)) tally.add('span costs: no finite number, dropped', example);
    else if (cost !== source) tally.add('span costs: rounded to ten decimals', example);
  }
}

async function models(context: RowContext, tally: Tally): Promise<void> {
  for await (const page of oddDimensions(context))
    for (const { trace_id, span_id, source_dimensions } of page) {
      const found = spanModel(context, source_dimensions);
      if ('refused' in found) continue;
      if (found.model.cut || found.provider.cut)
        tally.add(`models and providers: cut to ${MODEL_LENGTH} characters`, `${trace_id}/${span_id}`);
    }
}

const TRACE = { id: 'request_id', parent: 'trace_info', match: 'p.request_id = s.request_id' } as const;
const SPAN = {
  id: 'trace_id',
  parent: 'spans',
  match: 'p.trace_id = s.trace_id AND p.span_id = s.span_id',
} as const;
const SOURCES = [
  { table: 'trace_tags', keys: [TRACE_NAME_TAG], ...TRACE },
  { table: 'trace_request_metadata', keys: [SESSION_KEY, TOKEN_USAGE_KEY, COST_KEY], ...TRACE },
  { table: 'trace_metrics', keys: TOKEN_COLUMNS, ...TRACE },
  { table: 'span_metrics', keys: COST_COLUMNS, ...SPAN },
] as const;

/** Rows of traces or spans that are not there are deleted without having been moved. */
async function strays(context: RowContext, tally: Tally): Promise<void> {
  for (const { table, keys, id, parent, match } of SOURCES) {
    if ((await context.columnsOf(table)).length === 0) continue;
    const found =
      `FROM ${table} s WHERE s.${context.quote('key')} IN (${constants(keys)})` +
      ` AND NOT EXISTS (SELECT 1 FROM ${parent} p WHERE ${match})`;
    const [total] = await context.query<{ count: unknown }>(`SELECT COUNT(*) AS count ${found}`);
    const count = Number(total?.count ?? 0);
    if (count === 0) continue;
    const examples = await context.query<Row>(
      `SELECT DISTINCT s.${id} AS id ${found} ORDER BY s.${id} ${context.limit(NAMED)}`,
    );
    const what = `rows of ${table}: their ${parent === 'spans' ? 'span' : 'trace'} is missing, deleted`;
    examples.forEach((row, i) => {
      tally.add(what, String(row.id), i === 0 ? count : 0);
    });
  }
}

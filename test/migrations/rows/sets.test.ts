import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { finiteFloat, tenDecimals } from '../../../migrations/rows/python/float.js';
import { dimensionsOf } from '../../../migrations/rows/trace-analytics/dimensions.js';
import { COST_COLUMNS, TOKEN_COLUMNS } from '../../../migrations/rows/trace-analytics/names.js';
import {
  assessmentAggregate,
  bounded,
  jsonObject,
  tokenCount,
} from '../../../migrations/rows/trace-analytics/values.js';
import { insertRows } from '../../../migrations/rows/write-rows.js';
import type { BoundColumn, RowContext } from '../../../src/schema/index.js';
import { availableServers, type Database, databaseAt, kinds } from '../../support/databases.js';
import { upgradeDatabase } from '../../support/upgrade.js';

/** What fixtures/tools/sets_corpus.py wrote: inputs, and what MLflow's helpers make of them; floats as their bits. */
interface Corpus {
  usages: [text: string, counts: (string | null)[]][];
  costs: [text: string, costs: (string | null)[]][];
  dimensions: [text: string, accepted: boolean, model: string | null, provider: string | null][];
  assessments: [text: string, aggregate: string | null, numeric: boolean][];
  metrics: [value: string, count: string | null, countOfTen: string | null, costOfTen: string | null][];
  texts: [text: string, length: number, bounded: string][];
}

const file = new URL('../../../fixtures/sets_corpus.json', import.meta.url);
const corpus = JSON.parse(readFileSync(file, 'utf8')) as Corpus;

const buffer = Buffer.alloc(8);
function bits(value: number | null): string | null {
  if (value === null) return null;
  buffer.writeDoubleBE(value);
  return buffer.toString('hex');
}
const ofBits = (hex: string): number => Buffer.from(hex, 'hex').readDoubleBE();
const textOf = (count: bigint | null): string | null => (count === null ? null : String(count));
const cut = (text: string | null): string | null => bounded(text, 500).value;

it("MLflow's conversions: the port makes of the corpus what Python does", () => {
  const made = [
    ...corpus.usages.map(([text, counts]) => {
      const usage = jsonObject(text);
      return [text, counts, TOKEN_COLUMNS.map((key) => textOf(tokenCount(usage.get(key) ?? null)))];
    }),
    ...corpus.costs.map(([text, costs]) => {
      const cost = jsonObject(text);
      return [text, costs, COST_COLUMNS.map((key) => bits(finiteFloat(cost.get(key) ?? null)))];
    }),
    ...corpus.dimensions.map(([text, accepted, model, provider]) => {
      const found = dimensionsOf(text);
      const ours = 'refused' in found ? [false] : [true, found.model, found.provider];
      return [text, accepted ? [accepted, model, provider] : [accepted], ours];
    }),
    ...corpus.assessments.map(([text, aggregate, numeric]) => {
      const found = assessmentAggregate(text);
      return [text, [aggregate, numeric], [bits(found.aggregate), found.numeric]];
    }),
    ...corpus.metrics.map(([value, ...wanted]) => {
      const ten = tenDecimals(ofBits(value));
      const counts = [ofBits(value), ten].map((number) => textOf(tokenCount(number)));
      return [value, wanted, [...counts, bits(finiteFloat(ten))]];
    }),
    ...corpus.texts.map(([text, length, wanted]) => [text, wanted, bounded(text, length).value]),
  ];
  expect(made.length).toBeGreaterThan(3000);
  expect(made.filter(([, wanted, ours]) => JSON.stringify(wanted) !== JSON.stringify(ours))).toEqual([]);
});

/** MLflow 3.16's head; the columns come with 75868b020152. */
const before = 65;

/** A row to be made, and what is to become of it. */
interface Case {
  readonly id: string;
  readonly input: string | number;
  readonly wanted: Readonly<Record<string, unknown>>;
  /** As MLflow writes it: the server has to do it by itself. */
  readonly plain: boolean;
}

const object = (keys: readonly string[], values: readonly unknown[]): Record<string, unknown> =>
  Object.fromEntries(keys.map((key, i) => [key, values[i]]));

/** Whether a text is what Python's json.dumps writes of some of the keys, in their order, with such numbers. */
function isWritten(text: string, keys: readonly string[], number: string): boolean {
  const pairs = keys.map((key) => `(?:"${key}": (?:${number})(?:, (?=")|(?=\\})))?`);
  return new RegExp(`^\\{${pairs.join('')}\\}$`).test(text);
}

/** At most 15 digits, as the prices of tokens give them. */
const PRICE = '(?:0|[1-9]\\d{0,4})(?:\\.\\d{1,10})?|[1-9](?:\\.\\d{1,9})?e-0[5-9]';
const ATTRIBUTE = '"mlflow\\.llm\\.(?:model|provider)": "[ !#-\\[\\]-~]{0,500}"';

function casesOf(kind: Database['kind']) {
  const rounds = kinds[kind].dialect === 'mysql';
  const storable = (text: string) =>
    !/\p{Surrogate}/u.test(text) && !(kind === 'postgresql' && text.includes('\0'));
  const isJson = (text: string): boolean => {
    try {
      return JSON.parse(text) !== undefined;
    } catch {
      return false;
    }
  };
  const usages = corpus.usages.map(
    ([input, counts], i): Case => ({
      ...{ id: `u${i}`, input, wanted: object(TOKEN_COLUMNS, counts) },
      plain: isWritten(input, TOKEN_COLUMNS, '0|[1-9]\\d{0,14}'),
    }),
  );
  const costs = corpus.costs.map(
    ([input, values], i): Case => ({
      ...{ id: `c${i}`, input, wanted: object(COST_COLUMNS, values) },
      plain: isWritten(input, COST_COLUMNS, PRICE),
    }),
  );
  const texts = corpus.texts.map(
    ([input, , session_id], i): Case => ({
      ...{ id: `x${i}`, input, wanted: { session_id } },
      plain: /^[ -~]{1,250}$/.test(input),
    }),
  );
  const counts = corpus.metrics.map(([value, exact, ten], i): Case => {
    const input = ofBits(value);
    return {
      ...{ id: `m${i}`, input, wanted: { total_tokens: rounds ? ten : exact } },
      plain: Number.isInteger(input) && Math.abs(input) < 1e15,
    };
  });
  const metrics = corpus.metrics.map(([value, , , ten], i): Case => {
    const input = ofBits(value);
    return {
      ...{ id: `m${i}`, input, wanted: { total_cost: rounds ? ten : value } },
      plain: !rounds || (input >= 0 && input < 500 && /^\d+(\.\d{1,10})?$/.test(String(input))),
    };
  });
  const dimensions = corpus.dimensions.flatMap(([input, accepted, model, provider], i): Case[] => {
    if (!accepted || ![model, provider].every((text) => text === null || storable(text))) return [];
    if (kind !== 'sqlite' && !isJson(input)) return [];
    const plain = new RegExp(`^\\{${ATTRIBUTE}(?:, ${ATTRIBUTE})?\\}$`).test(input);
    const again = new Set(input.match(/"mlflow\.llm\.\w+":/g)).size === input.match(/": /g)?.length;
    return [
      {
        ...{ id: `d${i}`, input, wanted: { model_name: cut(model), model_provider: cut(provider) } },
        plain: plain && again,
      },
    ];
  });
  const assessments = corpus.assessments.map(
    ([input, aggregate_value, is_numeric_value], i): Case => ({
      ...{ id: `a${i}`, input, wanted: { aggregate_value, is_numeric_value } },
      plain: new RegExp(`^(?:"(?:yes|no)"|yes|no|true|false|${PRICE})$`).test(input),
    }),
  );
  const held = (cases: readonly Case[]) => cases.filter(({ input }) => storable(String(input)));
  return {
    usages: held(usages),
    costs: held(costs),
    texts: held(texts),
    counts,
    metrics,
    dimensions: held(dimensions),
    assessments: held(assessments),
  };
}

type Cases = ReturnType<typeof casesOf>;

/** Puts the cases into a database, each a row of its own beside rows that other cases need. */
async function insert(context: RowContext, cases: Cases): Promise<void> {
  const put = (table: string, columns: Record<string, BoundColumn['type'] | 'json'>, rows: unknown[][]) =>
    insertRows(
      context,
      table,
      Object.entries(columns).map(([name, type]) => ({ name, type: type as BoundColumn['type'] })),
      rows,
    );
  const traces = [...cases.usages, ...cases.costs, ...cases.texts, ...cases.counts];
  await put('experiments', { experiment_id: 'integer', name: 'text' }, [[1, 'one']]);
  await put(
    'trace_info',
    { request_id: 'text', experiment_id: 'integer', timestamp_ms: 'bigint', status: 'text' },
    [...traces.map(({ id }) => id), 'all'].map((id) => [id, 1, '1', 'OK']),
  );
  const pair = { request_id: 'text', key: 'text', value: 'text' } as const;
  const said = (key: string, of: readonly Case[]) => of.map(({ id, input }) => [id, key, input]);
  await put('trace_request_metadata', pair, [
    ...said('mlflow.trace.tokenUsage', cases.usages),
    ...said('mlflow.trace.cost', cases.costs),
    ...said('mlflow.trace.session', cases.texts),
  ]);
  await put('trace_metrics', { ...pair, value: 'double' }, said('total_tokens', cases.counts));
  await put(
    'spans',
    {
      ...{ trace_id: 'text', experiment_id: 'integer', span_id: 'text', status: 'text' },
      ...{ start_time_unix_nano: 'bigint', content: 'text', dimension_attributes: 'json' },
    },
    [...cases.dimensions, ...cases.metrics].map(({ id, input }) => [
      ...['all', 1, id, 'OK', '1', '{}'],
      typeof input === 'string' ? input : null,
    ]),
  );
  await put(
    'span_metrics',
    { trace_id: 'text', span_id: 'text', key: 'text', value: 'double' },
    cases.metrics.map(({ id, input }) => ['all', id, 'total_cost', input]),
  );
  await put(
    'assessments',
    {
      ...{ assessment_id: 'text', trace_id: 'text', name: 'text', assessment_type: 'text', value: 'text' },
      ...{
        created_timestamp: 'bigint',
        last_updated_timestamp: 'bigint',
        source_type: 'text',
        valid: 'boolean',
      },
    },
    cases.assessments.map(({ id, input }) => [id, 'all', 'n', 'feedback', input, '0', '0', 'HUMAN', true]),
  );
}

describe.each(availableServers())('%s: what an upgrade makes of the corpus', (kind) => {
  let database: Database;
  afterEach(() => database.drop());

  it('is what Python makes of it, and the server does what MLflow writes by itself', async () => {
    database = await databaseAt(kind, before);
    const cases = casesOf(kind);
    /** The last of a key's columns, of all rows whose values were worked out in this process. */
    const streamed: Record<string, Set<unknown>> = {};
    await upgradeDatabase(database, '75868b020152', true, async ({ sql }) => {
      const bind = (type: string) =>
        type !== 'json' ? sql.bind(type as 'text') : kind === 'postgresql' ? '?::json' : '?';
      await insert({ ...sql, bind } as unknown as RowContext, cases);
      const { updateRows } = sql;
      const spied = (...[table, keys, values, rows]: Parameters<typeof updateRows>) => {
        streamed[table] ??= new Set();
        for (const row of rows) streamed[table]?.add(row[keys.length - 1]);
        return updateRows(table, keys, values, rows);
      };
      Object.assign(sql, { updateRows: spied });
    });

    // Drivers bind -0 as the 0 that it is equal to.
    const signless = (hex: string | null) => (hex === '8000000000000000' ? '0000000000000000' : hex);
    const wrong: unknown[] = [];
    const check = async (table: string, key: string, texts: string[], doubles: string[], all: Case[]) => {
      const columns = [
        ...texts.map((name) => (TOKENS.has(name) ? `CAST(${name} AS CHAR(20)) AS ${name}` : name)),
        ...doubles,
      ];
      const rows = await database.rows(`SELECT ${key} AS id, ${columns.join(', ')} FROM ${table}`);
      const byId = new Map(rows.map((row) => [row.id, row]));
      for (const { id, input, wanted, plain } of all) {
        const row = byId.get(id) ?? {};
        const got = Object.fromEntries(
          Object.keys(wanted).map((name) => {
            const value = row[name] as never;
            if (doubles.includes(name)) return [name, signless(bits(value))];
            if (name === 'is_numeric_value') return [name, Boolean(value)];
            return [name, TOKENS.has(name) ? ((value as string | null)?.trim() ?? null) : value];
          }),
        );
        const python = Object.fromEntries(
          Object.entries(wanted).map(([name, value]) => [
            name,
            doubles.includes(name) ? signless(value as string | null) : value,
          ]),
        );
        if (JSON.stringify(got) !== JSON.stringify(python)) wrong.push({ id, input, got, python });
        if (plain && streamed[table]?.has(id)) wrong.push({ id, input, streamed: true });
      }
      expect(all.filter(({ plain }) => plain).length).toBeGreaterThan(20);
    };
    const traces = [...cases.usages, ...cases.costs, ...cases.texts, ...cases.counts];
    await check('trace_info', 'request_id', [...TOKEN_COLUMNS, 'session_id'], [...COST_COLUMNS], traces);
    const spans = [...cases.dimensions, ...cases.metrics];
    await check('spans', 'span_id', ['model_name', 'model_provider'], [...COST_COLUMNS], spans);
    await check('assessments', 'assessment_id', ['is_numeric_value'], ['aggregate_value'], cases.assessments);
    expect(wrong).toEqual([]);
    // The rest was worked out here, so that the two lists are what they say.
    expect(Object.keys(streamed).sort()).toEqual(['assessments', 'spans', 'trace_info']);
  });
});

const TOKENS: ReadonlySet<string> = new Set(TOKEN_COLUMNS);

import {
  type Asking,
  addedDefault,
  dashed,
  Expression,
  inlineWith,
  oneLine,
  type ScriptLanguage,
  single,
  sourceWith,
  type Watched,
} from '../script.js';
import { lockSpace } from './lock.js';
import { literalText, quote } from './quote.js';
import { lockTables, sqlContext } from './sql-context.js';
import { typeText } from './types.js';

/** A value as SQL; numbers as text, which the cast around every bound value reads exactly. */
function literal(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  if (typeof value === 'boolean') return String(value);
  // As node-pg sends it: -0 becomes 0, as it does in MLflow's own upgrade.
  if (typeof value === 'number') return `'${value}'`;
  if (typeof value === 'bigint') return `'${value}'`;
  return text(String(value));
}

const named: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' };

/** Control characters are escaped: clients and editors change the ends of lines. */
function text(value: string): string {
  if (!/\p{Cc}/u.test(value)) return literalText(value);
  const escaped = value.replace(
    /[\p{Cc}\\]/gu,
    (found) => named[found] ?? `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `E${literalText(escaped)}`;
}

/** A delimiter of dollars that the text does not hold. */
function dollars(body: string): string {
  let tag = '$mltrack$';
  for (let i = 1; body.includes(tag); i++) tag = `$mltrack${i}$`;
  return `${tag}${body}${tag}`;
}

/**
 * Two sums of 60 bits each of the rows' SHA-256: a sum knows no order, and needs no memory. A row as text tells NULL
 * from '', and quotes what needs it.
 */
async function unchanged(
  ask: Pick<Asking, 'query'>,
  { name: table, columns, where }: Watched,
): Promise<string> {
  const row = `ROW(${columns.map(({ name }) => quote(name)).join(', ')})::text`;
  const hash = `encode(sha256(convert_to(${row}, 'UTF8')), 'hex')`;
  const sum = (from: number) =>
    `coalesce(sum(('x' || substr(hash, ${from}, 15))::bit(60)::bigint::numeric), 0)::text`;
  const sql =
    `SELECT concat_ws(':', count(*)::text, ${sum(1)}, ${sum(16)}) AS value FROM` +
    ` (SELECT ${hash} AS hash FROM ${quote(table)}${where ? ` WHERE ${where}` : ''}) AS hashes`;
  return `(${sql}) = ${literalText(await single<string>(ask, sql))}`;
}

/** The text of a float then has all its digits, here and in the script. */
const readSettings = ['SET LOCAL extra_float_digits = 1'];

/** Scripts for psql. */
export const language: ScriptLanguage = {
  usage: 'psql -X -d mlflow -f upgrade.sql',
  comment: dashed,
  opening: () => [
    '\\set ON_ERROR_STOP on',
    '\\encoding UTF8',
    'BEGIN;',
    'SET LOCAL standard_conforming_strings = on;',
    ...readSettings.map((sql) => `${sql};`),
    "SET LOCAL lock_timeout = '10s';",
    'SET LOCAL client_min_messages = warning;',
  ],
  lock: () => [
    language.assert({
      condition: `pg_try_advisory_xact_lock(${lockSpace}, hashtext(coalesce(current_schema(), '')))`,
      reason: 'another run of mltrack works on this database',
    }),
  ],
  settings: async (ask) => {
    const path = await single<string>(ask, "SELECT current_setting('search_path') AS value");
    return [`SET LOCAL search_path = ${path === '' ? "''" : path};`];
  },
  closing: () => ['COMMIT;'],
  statement: (sql) => `${sql};`,
  assert: ({ condition, reason }) => {
    const message = literalText(`mltrack stopped: ${oneLine(reason)}`);
    const body = `BEGIN IF NOT coalesce((${condition}), false) THEN RAISE EXCEPTION USING MESSAGE = ${message}; END IF; END`;
    return `DO ${dollars(body)};`;
  },
  inline: inlineWith(literal),
  now: new Expression('(EXTRACT(EPOCH FROM clock_timestamp()) * 1000)'),
  hasTable: (name) =>
    `EXISTS (SELECT 1 FROM pg_catalog.pg_class WHERE relnamespace = quote_ident(current_schema())::regnamespace AND relname = ${literalText(name)})`,
  words: { quote },
  context: sqlContext,
  lockOut: (tables) => [`${lockTables(tables)};`],
  source: sourceWith(quote, (column) => `CAST(${literal(addedDefault(column))} AS ${typeText(column.type)})`),
  readSettings,
  unchanged,
};

import {
  type Asking,
  type Assertion,
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
import { lockResource } from './lock.js';
import { nameText, quote } from './quote.js';
import { sqlContext } from './sql-context.js';
import { columnType } from './types.js';

/**
 * A value as SQL. sqlcmd looks into literals too: it ends a batch at a line "GO" and replaces "$(name)", so line ends
 * and such dollars are taken apart. The first part makes the whole nvarchar(max), which is not cut at 4000.
 */
function literal(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : value.toExponential();
  if (typeof value === 'bigint') return String(value);
  const parts = String(value).match(/\p{Cc}|\$(?=\()|(?:(?!\$\()\P{Cc})+/gu) ?? [];
  if (parts.length <= 1 && !/\p{Cc}/u.test(parts[0] ?? '')) return nameText(String(value));
  const spelled = parts.map((part) =>
    /\p{Cc}/u.test(part) ? `NCHAR(${part.charCodeAt(0)})` : nameText(part),
  );
  return `(CAST(N'' AS nvarchar(max)) + ${spelled.join(' + ')})`;
}

/** THROW cuts a message at 2048 characters. */
const assert = ({ condition, reason }: Assertion): string =>
  batch(
    `IF NOT EXISTS (SELECT 1 WHERE ${condition})\n    THROW 50000, ${nameText(`mltrack stopped: ${oneLine(reason)}`.slice(0, 2000))}, 1;`,
  );

/** Some statements must be alone in their batch, and none shall be compiled before those it depends on have run. */
const batch = (sql: string): string => `${sql}\nGO`;

/** Two sums of 56 bits each of the rows' SHA-256: a sum knows no order, and needs no memory. */
async function unchanged(
  ask: Pick<Asking, 'query'>,
  { name: table, columns, where }: Watched,
): Promise<string> {
  const values = columns.map(({ name, type }) => {
    const isFloat = type.kind === 'native' && /^(float|real)/i.test(type.text);
    const text = isFloat
      ? `CONVERT(nvarchar(max), ${quote(name)}, 3)`
      : `CAST(${quote(name)} AS nvarchar(max))`;
    return `ISNULL(HASHBYTES('SHA2_256', ${text}), 0x)`;
  });
  const row = `HASHBYTES('SHA2_256', ${values.map((value) => `${value} + CAST(DATALENGTH(${value}) AS binary(4))`).join(' + ')})`;
  const sum = (from: number) =>
    `ISNULL(SUM(CAST(CAST(SUBSTRING(hash, ${from}, 7) AS bigint) AS decimal(38, 0))), 0)`;
  const sql =
    `SELECT CONCAT(COUNT_BIG(*), ':', ${sum(1)}, ':', ${sum(8)}) AS value FROM` +
    ` (SELECT ${row} AS hash FROM ${quote(table)}${where ? ` WHERE ${where}` : ''}) AS hashes`;
  return `(${sql}) = ${literal(await single<string>(ask, sql))}`;
}

/** Scripts for sqlcmd. */
export const language: ScriptLanguage = {
  usage: 'sqlcmd -b -I -f 65001 -d mlflow -i upgrade.sql',
  comment: dashed,
  opening: () => [
    ':on error exit',
    // Indexes with a filter and computed columns need the first three; sqlcmd has the first one off.
    batch(
      'SET QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL ON',
    ),
    batch('SET XACT_ABORT, NOCOUNT ON'),
    batch('SET LOCK_TIMEOUT 10000'),
  ],
  lock: () => [
    batch(
      [
        `DECLARE @got int, @name nvarchar(255) = ${lockResource};`,
        "EXEC @got = sp_getapplock @Resource = @name, @LockMode = 'Exclusive', @LockOwner = 'Session', @LockTimeout = 0;",
        "IF @got < 0 THROW 50000, N'mltrack stopped: another run of mltrack works on this database', 1;",
      ].join('\n'),
    ),
    batch('BEGIN TRANSACTION'),
  ],
  closing: () => [batch('COMMIT TRANSACTION')],
  statement: batch,
  assert,
  inline: inlineWith(literal),
  now: new Expression("DATEDIFF_BIG(millisecond, '1970-01-01', SYSUTCDATETIME())"),
  hasTable: (name) => `OBJECT_ID(${nameText(quote(name))}, N'U') IS NOT NULL`,
  words: { quote },
  context: sqlContext,
  lockOut: (tables) =>
    tables.map((table) =>
      batch(
        `DECLARE @held bigint = (SELECT COUNT(*) FROM (SELECT TOP (1) 1 AS one FROM ${quote(table)} WITH (TABLOCK, HOLDLOCK)) AS held)`,
      ),
    ),
  source: sourceWith(quote, (column) => `CAST(${literal(addedDefault(column))} AS ${columnType(column)})`),
  readSettings: [],
  unchanged,
};

import type { Table } from '../../schema/table.js';
import {
  type Asking,
  type Assertion,
  addedDefault,
  dashed,
  Expression,
  inlineWith,
  type ScriptLanguage,
  sourceWith,
} from '../script.js';
import { assertions } from './assertions.js';
import { writeSchema } from './in-place.js';
import { literalText, quote } from './quote.js';
import { around } from './script-keep.js';
import { keepKeys } from './script-keys.js';
import { literal } from './script-literal.js';
import { unchanged } from './script-unchanged.js';
import { sqlContext } from './sql-context.js';

const assert = (assertion: Assertion): string =>
  assertions(assertion)
    .map((sql) => `${sql};`)
    .join('\n');
/** What has come to a table since, a column, an index, a trigger, would be lost when it is replaced. */
async function asExpected(tables: readonly Table[], ask: Pick<Asking, 'query'> | null): Promise<Assertion[]> {
  if (ask === null) return tables.flatMap(asMlflowMadeIt);
  if (tables.length === 0) return [];
  const names = tables.map((table) => literalText(table.name)).join(', ');
  const text = (name: string) => ({ name, type: { kind: 'text' } as const });
  const catalog = { name: 'sqlite_master', columns: [text('type'), text('name'), text('sql')] };
  const condition = await unchanged(ask, { ...catalog, where: `tbl_name IN (${names})` });
  return [
    {
      condition,
      reason:
        'tables, indexes or triggers were changed since this script was written, and it would undo that: write a new one',
    },
  ];
}

/** Without a database, only what MLflow made is known. */
function asMlflowMadeIt(table: Table): Assertion[] {
  const name = literalText(table.name);
  const columns = table.columns.map((column) => column.name).join(',');
  const known = [...table.indexes, ...table.triggers].map((part) => literalText(part.name)).join(', ');
  return [
    {
      condition: `(SELECT group_concat(name) FROM (SELECT name FROM pragma_table_xinfo(${name}) ORDER BY cid)) = ${literalText(columns)}`,
      reason: `table ${table.name} has other columns than MLflow gave it; a script for this very database keeps them: write it without --from`,
    },
    {
      condition: `NOT EXISTS (SELECT 1 FROM sqlite_master WHERE tbl_name = ${name} AND type IN ('index', 'trigger') AND sql IS NOT NULL AND name NOT IN (${known}))`,
      reason: `table ${table.name} has indexes or triggers that are not MLflow's; a script for this very database keeps them: write it without --from`,
    },
    {
      condition: `(SELECT count(DISTINCT id) FROM pragma_foreign_key_list(${name})) = ${table.foreignKeys.length}`,
      reason: `table ${table.name} has other foreign keys than MLflow gave it; a script for this very database keeps them: write it without --from`,
    },
  ];
}

/** Scripts for SQLite's shell, from version 3.31 on. */
export const language: ScriptLanguage = {
  usage: 'sqlite3 mlflow.db < upgrade.sql',
  comment: dashed,
  opening: () => [
    '.bail on',
    '.timeout 10000',
    'PRAGMA foreign_keys = OFF;',
    'PRAGMA legacy_alter_table = ON;',
    'BEGIN IMMEDIATE;',
  ],
  // The file is locked already.
  lock: () => [],
  closing: () => ['COMMIT;'],
  // The shell defends the schema's own table (https://www.sqlite.org/c3ref/c_dbconfig_defensive.html).
  statement: (sql) => (sql === writeSchema ? `.dbconfig defensive off\n${sql};` : `${sql};`),
  assert,
  inline: inlineWith(literal),
  // The two parts are of the same moment: 'now' stays the same while a statement runs.
  now: new Expression(
    "(CAST(strftime('%s', 'now') AS INTEGER) * 1000 + CAST(substr(strftime('%f', 'now'), 4) AS INTEGER))",
  ),
  hasTable: (name) =>
    `EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ${literalText(name)})`,
  words: { quote },
  context: sqlContext,
  // BEGIN IMMEDIATE has locked the file.
  lockOut: () => [],
  source: sourceWith(quote, (column) => literal(addedDefault(column))),
  readSettings: [],
  unchanged,
  around,
  keepKeys: (before, after) =>
    keepKeys(before, after, (condition) =>
      assert({ condition, reason: 'the upgrade would leave foreign keys without a parent' }),
    ),
  asExpected,
};

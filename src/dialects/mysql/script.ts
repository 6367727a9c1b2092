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
import type { Flavour } from './flavour.js';
import { lockExpression } from './lock.js';
import { unwantedModes } from './modes.js';
import { literalText, quote } from './quote.js';
import { sqlContext } from './sql-context.js';

const escapes: Readonly<Record<string, string>> = {
  ...{ '\0': '\\0', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\x1a': '\\Z' },
};

/** A value as SQL. The client reads line by line, ends at U+0000 and changes "\r\n", so these are escaped. */
function literal(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  return literalText(String(value)).replace(/\p{Cc}/gu, (found) => escapes[found] ?? found);
}

/**
 * The client sends what stands before its delimiter; a trigger's body has semicolons of its own. The other delimiter
 * must not be in the statement.
 */
function statement(sql: string): string {
  if (!sql.replace(/'(?:[^'\\]|''|\\.)*'|`[^`]*`/gs, '').includes(';')) return `${sql};`;
  let delimiter = '//';
  while (sql.includes(delimiter)) delimiter += '/';
  return `DELIMITER ${delimiter}\n${sql}\n${delimiter}\nDELIMITER ;`;
}

/**
 * Without the right to create routines nothing can raise an error of its own: a statement that cannot be understood
 * is prepared instead, and the server quotes its beginning. The whole reason is printed before.
 */
function assert({ condition, reason }: Assertion): string {
  const text = oneLine(reason);
  return [
    `SET @mltrack_holds = coalesce((${condition}), 0);`,
    `SELECT ${literal(text)} AS 'mltrack stopped' FROM DUAL WHERE NOT @mltrack_holds;`,
    `SET @mltrack_check = IF(@mltrack_holds, 'DO 0', ${literal(`mltrack stopped: ${text}`)});`,
    'PREPARE mltrack_check FROM @mltrack_check;',
    'EXECUTE mltrack_check;',
    'DEALLOCATE PREPARE mltrack_check;',
  ].join('\n');
}

/** As the session of an upgrade has it: the server's modes without those that change what SQL says, and strict. */
const modes = [
  `SET @mltrack_modes = TRIM(BOTH ',' FROM REGEXP_REPLACE(CONCAT(',', @@SESSION.sql_mode, ','), ',(${unwantedModes})(?=,)', ''));`,
  "SET SESSION sql_mode = IF(@mltrack_modes LIKE '%STRICT%', @mltrack_modes, TRIM(LEADING ',' FROM CONCAT(@mltrack_modes, ',STRICT_TRANS_TABLES')));",
];

/** Two sums of 60 bits each of the rows' SHA-256: a sum knows no order, and needs no memory. */
async function unchanged(
  ask: Pick<Asking, 'query'>,
  { name: table, columns, where }: Watched,
): Promise<string> {
  const values = columns.map(hashed);
  const row = `SHA2(CONCAT(${values.join(', ')}), 256)`;
  const sum = (from: number) =>
    `COALESCE(SUM(CAST(CONV(SUBSTRING(hash, ${from}, 15), 16, 10) AS UNSIGNED)), 0)`;
  const sql =
    `SELECT CONCAT_WS(':', COUNT(*), ${sum(1)}, ${sum(16)}) AS value FROM` +
    ` (SELECT ${row} AS hash FROM ${quote(table)}${where ? ` WHERE ${where}` : ''}) AS hashes`;
  return `(${sql}) = ${literal(await single<string>(ask, sql))}`;
}

/** Of each value a hash, so that none runs into the next; a FLOAT as text has six digits only, a DOUBLE all. */
function hashed({ name, type }: Watched['columns'][number]): string {
  const isFloat = type.kind === 'native' && /^float/i.test(type.text);
  return `COALESCE(SHA2(CAST(${isFloat ? `${quote(name)} * 1e0` : quote(name)} AS CHAR), 256), '-')`;
}

/** Scripts for the clients `mysql` and `mariadb`, which stop at the first error when they are not talked to. */
export const scriptOn = (flavour: Flavour): ScriptLanguage => ({
  usage: `${flavour === 'mariadb' ? 'mariadb' : 'mysql'} mlflow < upgrade.sql     (without --force)`,
  comment: dashed,
  opening: () => [
    'SET NAMES utf8mb4;',
    "SET collation_connection = IF(@@collation_database LIKE 'utf8mb4%', @@collation_database, @@collation_connection);",
    ...modes,
    'SET SESSION foreign_key_checks = 1, unique_checks = 1, autocommit = 1;',
    'SET SESSION lock_wait_timeout = 10, innodb_lock_wait_timeout = 10;',
    assert({
      condition: `VERSION() ${flavour === 'mariadb' ? 'LIKE' : 'NOT LIKE'} '%MariaDB%'`,
      reason:
        flavour === 'mariadb'
          ? 'this script is for MariaDB, and the server is MySQL'
          : 'this script is for MySQL, and the server is MariaDB',
    }),
  ],
  lock: () => [
    assert({
      condition: `GET_LOCK(${lockExpression}, 0) = 1`,
      reason: 'another run of mltrack works on this database',
    }),
  ],
  closing: () => [],
  statement,
  assert,
  inline: inlineWith(literal),
  now: new Expression('CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)'),
  hasTable: (name) =>
    `EXISTS (SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ${literal(name)})`,
  words: { quote },
  context: sqlContext,
  // LOCK TABLES would end with the next change of the schema.
  lockOut: () => [],
  source: sourceWith(quote, (column) => literal(addedDefault(column))),
  readSettings: [],
  unchanged,
});

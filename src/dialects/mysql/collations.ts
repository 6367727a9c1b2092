import type { Schema } from '../../schema/table.js';
import type { Finding } from '../check.js';
import type { Statement } from '../dialect.js';
import { collationRepair } from './collation-repair.js';
import { quote } from './quote.js';
import type { MysqlSession } from './session.js';
import { charsetOf } from './types.js';

/**
 * The collations of tables and of the database. A new table gets the database's, and a foreign key between columns of
 * different ones is refused (MySQL 3780, MariaDB 150): so all tables must have one, and the database the same. Which
 * one is nobody's business: MLflow leaves it to the database, and asks for utf8mb4_bin where case matters.
 */
export async function collationFacts(
  session: MysqlSession,
  expected: Schema,
  live: Schema,
): Promise<Finding[]> {
  const rows = await session.query<{ name: string; collation: string | null }>(
    `SELECT TABLE_NAME AS name, TABLE_COLLATION AS collation FROM information_schema.TABLES
     WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'BASE TABLE' ORDER BY TABLE_NAME`,
  );
  const [database] = await session.query<{ collation: string }>('SELECT @@collation_database AS collation');
  const own = database?.collation ?? '';
  const tables = rows.flatMap(({ name, collation }) =>
    expected.has(name) && collation !== null ? [{ name, collation }] : [],
  );
  const common = mostFrequent(tables.map(({ collation }) => collation)) ?? own;
  const others = tables.filter(({ collation }) => collation !== common);
  return [
    ...(common === own ? [] : [otherDefault(session.database, own, common)]),
    ...(charsetOf(own) === 'utf8mb4' || common !== own ? [] : [narrow(own)]),
    ...others.map(({ name, collation }, i) =>
      otherTable(
        name,
        collation,
        common,
        collationRepair(name, common, {
          ...{ expected, live, flavour: session.flavour },
          later: new Set(others.slice(i + 1).map((other) => other.name)),
        }),
      ),
    ),
  ];
}

function mostFrequent(words: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}

const otherDefault = (database: string, found: string, wanted: string): Finding => ({
  ...{
    rule: 'database-charset',
    severity: 'warning',
    object: 'database',
    table: null,
    name: database,
    found,
  },
  expected: `${wanted}, as its tables have`,
  why: 'tables that a later upgrade makes get the database’s collation, and their foreign keys to those that are there are refused',
  repair: {
    kind: 'statements',
    statements: [
      {
        sql: `ALTER DATABASE ${quote(database)} CHARACTER SET ${charsetOf(wanted)} COLLATE ${wanted}`,
        ...{ table: '', title: `set the collation of ${database}` },
      },
    ],
  },
});

const narrow = (found: string): Finding => ({
  ...{ rule: 'database-charset', severity: 'note', object: 'database', table: null, name: null },
  ...{ expected: 'utf8mb4', found: `${charsetOf(found)} (${found})` },
  why: 'a name or value with a character that this character set lacks (an emoji) is refused',
  repair: {
    kind: 'none',
    reason: 'it works as it is; to change it, dump the database and restore it into one of utf8mb4',
  },
});

const otherTable = (
  table: string,
  found: string,
  wanted: string,
  statements: readonly Statement[],
): Finding => ({
  ...{ rule: 'table-collation', severity: 'warning', object: 'table', table, name: null, found },
  expected: `${wanted}, as MLflow's other tables have`,
  why: 'a foreign key between columns of different collations is refused, and joins on them use no index: a later upgrade breaks',
  repair: { kind: 'statements', statements },
});

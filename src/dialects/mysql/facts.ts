import type { Schema } from '../../schema/table.js';
import type { Finding } from '../check.js';
import { sameOn } from './equivalent.js';
import { quote } from './quote.js';
import type { MysqlSession } from './session.js';

/** Engines with foreign keys (MySQL manual, 15.1.20.5 "FOREIGN KEY Constraints"). */
const withForeignKeys = new Set(['innodb', 'ndb', 'ndbcluster']);

interface TableRow extends Record<string, unknown> {
  readonly name: string;
  readonly engine: string | null;
}

export async function engineFacts(session: MysqlSession, expected: Schema): Promise<Finding[]> {
  const rows = await session.query<TableRow>(
    `SELECT TABLE_NAME AS name, ENGINE AS engine FROM information_schema.TABLES
     WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'BASE TABLE' ORDER BY TABLE_NAME`,
  );
  return rows
    .filter(({ name, engine }) => expected.has(name) && engine && !withForeignKeys.has(engine.toLowerCase()))
    .map(({ name, engine }) => ({
      ...{ rule: 'table-engine', severity: 'error', object: 'table', table: name, name: null },
      ...{ expected: 'InnoDB', found: engine },
      why: 'it has no foreign keys and no transactions: a write that fails stays half done, and a crash can damage it',
      repair: {
        kind: 'statements',
        statements: [
          {
            sql: `ALTER TABLE ${quote(name)} ENGINE = InnoDB`,
            ...{ table: name, title: `move ${name} to InnoDB`, scans: true },
          },
        ],
      },
    }));
}

interface IndexRow extends Record<string, unknown> {
  readonly tbl: string;
  readonly name: string;
  readonly plain: number;
}

/** Indexes that are kept up to date and used by no query (MySQL: INVISIBLE, MariaDB: IGNORED). */
export async function indexFacts(session: MysqlSession, expected: Schema): Promise<Finding[]> {
  const unused = session.flavour === 'mariadb' ? "IGNORED = 'YES'" : "IS_VISIBLE = 'NO'";
  const visible = session.flavour === 'mariadb' ? 'NOT IGNORED' : 'VISIBLE';
  const rows = await session.query<IndexRow>(
    `SELECT DISTINCT TABLE_NAME AS tbl, INDEX_NAME AS name, NON_UNIQUE AS plain FROM information_schema.STATISTICS
     WHERE TABLE_SCHEMA = DATABASE() AND ${unused} ORDER BY TABLE_NAME, INDEX_NAME`,
  );
  return rows
    .filter(({ tbl }) => expected.has(tbl))
    .map(({ tbl, name }) => ({
      ...{ rule: 'index-unusable', severity: 'warning', object: 'index', table: tbl, name },
      expected: 'an index that queries use',
      found: session.flavour === 'mariadb' ? 'IGNORED' : 'INVISIBLE',
      why: 'no query uses it and every write pays for it',
      repair: {
        kind: 'statements',
        statements: [
          {
            sql: `ALTER TABLE ${quote(tbl)} ALTER INDEX ${quote(name)} ${visible}`,
            ...{ table: tbl, title: `make index ${name} visible` },
          },
        ],
      },
    }));
}

/** Checks that the server keeps in mind only. MariaDB has none such. */
export async function checkFacts(session: MysqlSession, expected: Schema, live: Schema): Promise<Finding[]> {
  if (session.flavour === 'mariadb') return [];
  const { sameExpression } = sameOn(session.flavour);
  const rows = await session.query<{ tbl: string; name: string }>(
    `SELECT TABLE_NAME AS tbl, CONSTRAINT_NAME AS name FROM information_schema.TABLE_CONSTRAINTS
     WHERE CONSTRAINT_SCHEMA = DATABASE() AND CONSTRAINT_TYPE = 'CHECK' AND ENFORCED = 'NO'
     ORDER BY TABLE_NAME, CONSTRAINT_NAME`,
  );
  const isMlflows = ({ tbl, name }: { tbl: string; name: string }): boolean => {
    const found = live.get(tbl)?.checks.find((check) => check.name === name);
    return (
      found !== undefined &&
      (expected.get(tbl)?.checks.some((check) => sameExpression(check.expression, found.expression)) ?? false)
    );
  };
  return rows.filter(isMlflows).map(({ tbl, name }) => ({
    ...{ rule: 'constraint-unchecked', severity: 'warning', object: 'check', table: tbl, name },
    ...{ expected: 'checked for every row', found: 'NOT ENFORCED' },
    why: 'the server keeps it in mind and checks nothing',
    repair: {
      kind: 'statements',
      statements: [
        {
          sql: `ALTER TABLE ${quote(tbl)} ALTER CHECK ${quote(name)} ENFORCED`,
          ...{ table: tbl, title: `enforce ${name}`, scans: true },
        },
      ],
    },
  }));
}

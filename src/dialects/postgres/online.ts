import { apply } from '../../schema/apply.js';
import type { Operation } from '../../schema/operation.js';
import { columnOf, type Schema, type Table } from '../../schema/table.js';
import type { Dialect, Statement } from '../dialect.js';
import { compile, traits } from './compile.js';
import { quote } from './quote.js';

/** The check that stands for NOT NULL while it is proved. */
export const notNullProof = 'mltrack_not_null';

/** What `--online` gives up. */
const givesUp =
  'with --online the upgrade is not all or nothing: every change is committed by itself and every revision stamped when it is whole; what is through when it stops, stays, and the next run, with or without --online, goes on from there';

/** The dialect as it behaves online. @param big the tables that are, as introspection found them (by the main fork, which an index build reads) */
export const onlineOf = (dialect: Dialect, big: ReadonlySet<string>): Dialect => ({
  ...dialect,
  transactionalDdl: false,
  fillsBare: false,
  online: { givesUp },
  compile: (operations, schema) => compileOnline(operations, schema, big),
});

function compileOnline(
  operations: readonly Operation[],
  schema: Schema,
  big: ReadonlySet<string>,
): Statement[] {
  const statements: Statement[] = [];
  let live = schema;
  for (const operation of operations) {
    const after = apply(live, operation, traits);
    const plain = compile([operation], live);
    const isBig = 'table' in operation && typeof operation.table === 'string' && big.has(operation.table);
    statements.push(...(isBig ? plain.flatMap((one) => gently(one, operation, live, after)) : plain));
    live = after;
  }
  return statements;
}

/** A statement on a big table, in the way that keeps others waiting least (manual, CREATE INDEX, ALTER TABLE). */
function gently(statement: Statement, operation: Operation, live: Schema, after: Schema): Statement[] {
  const { sql, table } = statement;
  switch (operation.kind) {
    case 'createIndex':
      return [
        {
          ...statement,
          sql: sql.replace(/^CREATE (UNIQUE )?INDEX /, 'CREATE $1INDEX CONCURRENTLY '),
          ...{ scans: true, alone: true },
        },
      ];
    case 'addForeignKey':
    case 'addCheck': {
      const name = added(live.get(table), after.get(table));
      return name === null ? [statement] : checked(statement, name);
    }
    case 'alterColumn':
      return sql.endsWith(' SET NOT NULL') ? proved(statement, operation.column, live) : [statement];
    default:
      return [statement];
  }
}

/** The name of the constraint that is only afterwards there. */
function added(before: Table | undefined, after: Table | undefined): string | null {
  const names = (table: Table | undefined) =>
    [...(table?.foreignKeys ?? []), ...(table?.checks ?? [])].map(({ name }) => name);
  const old = new Set(names(before));
  return names(after).find((name) => !old.has(name)) ?? null;
}

/** Adds a constraint for new rows, then looks at the old ones under a lock that lets others write. */
const checked = (statement: Statement, name: string): Statement[] => [
  { ...statement, sql: `${statement.sql} NOT VALID` },
  {
    ...{ table: statement.table, title: `check the rows of ${statement.table}`, scans: true, alone: true },
    sql: `ALTER TABLE ${quote(statement.table)} VALIDATE CONSTRAINT ${quote(name)}`,
  },
];

/** SET NOT NULL reads no row where a valid check says the same (manual, ALTER TABLE, "SET NOT NULL"; 12 and later). */
function proved(statement: Statement, column: string, live: Schema): Statement[] {
  const table = live.get(statement.table);
  if (!table || columnOf(table, column)?.nullable === false) return [statement];
  const at = `ALTER TABLE ${quote(table.name)}`;
  const proof: Statement = {
    ...{ table: table.name, title: `prove that ${table.name}.${column} has no NULL` },
    sql: `${at} ADD CONSTRAINT ${notNullProof} CHECK (${quote(column)} IS NOT NULL)`,
  };
  return [
    ...checked(proof, notNullProof),
    { ...statement, scans: false },
    { ...proof, title: 'drop the proof', sql: `${at} DROP CONSTRAINT ${notNullProof}` },
  ];
}

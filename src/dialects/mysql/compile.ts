import { apply } from '../../schema/apply.js';
import type { Operation } from '../../schema/operation.js';
import type { Schema, Table } from '../../schema/table.js';
import type { Traits } from '../../schema/traits.js';
import type { Dialect, Statement } from '../dialect.js';
import { insertRow, originOf } from '../operations.js';
import { alterTable } from './alter.js';
import type { Flavour } from './flavour.js';
import { keysHold, unchecked } from './keys-hold.js';
import { literalText, quote } from './quote.js';
import { renderTable, renderTrigger } from './render.js';
import { sameDefault, sameExpression, sameTrigger } from './same.js';
import { settleOn } from './settle.js';
import { sameTypeOn } from './types.js';

const traitsOf = (flavour: Flavour): Traits => ({
  nativeBoolean: false,
  settle: settleOn(flavour),
  sameType: sameTypeOn(flavour),
  sameDefault,
  sameExpression,
  sameTrigger,
});

/** What depends on the flavour alone. */
export function languageOf(flavour: Flavour): Pick<Dialect, 'traits' | 'compile' | 'create'> {
  const traits = traitsOf(flavour);
  return {
    traits,
    create: (schema) => [...schema.values()].flatMap((table) => createTable(table, flavour)),
    compile: (operations, schema) => {
      const statements: Statement[] = [];
      let live = schema;
      for (const group of groups(operations)) {
        const after = group.reduce((state, operation) => apply(state, operation, traits), live);
        statements.push(...compileGroup(group, live, after, flavour));
        live = after;
      }
      return statements;
    },
  };
}

/** Neighbours that change one table belong together: the server changes it once for all of them. */
function groups(operations: readonly Operation[]): Operation[][] {
  const found: Operation[][] = [];
  let last: string | null = null;
  for (const operation of operations) {
    const name = tableChangedBy(operation);
    if (name !== null && name === last && operation.kind !== 'createTable') found.at(-1)?.push(operation);
    else found.push([operation]);
    last = name;
  }
  return found;
}

/** null: the operation stands alone. */
function tableChangedBy(operation: Operation): string | null {
  if (operation.kind === 'createTable') return operation.table.name;
  const alone = ['rows', 'only', 'insertRow', 'createTrigger', 'dropTrigger', 'dropTable'].includes(
    operation.kind,
  );
  return alone || !('table' in operation) ? null : operation.table;
}

function compileGroup(
  group: readonly Operation[],
  before: Schema,
  after: Schema,
  flavour: Flavour,
): Statement[] {
  const [first] = group as [Operation];
  if (first.kind === 'insertRow') return [insertRow(first, { quote, literalText })];
  if (first.kind === 'createTrigger')
    return [
      {
        sql: renderTrigger(first.table, first.trigger),
        table: first.table,
        title: `create trigger ${first.trigger.name}`,
      },
    ];
  if (first.kind === 'dropTrigger')
    return [
      {
        sql: `DROP TRIGGER IF EXISTS ${quote(first.trigger.name)}`,
        table: first.table,
        title: `drop trigger ${first.trigger.name}`,
      },
    ];
  if (first.kind === 'dropTable')
    return before.has(first.table)
      ? [{ sql: `DROP TABLE ${quote(first.table)}`, table: first.table, title: `drop ${first.table}` }]
      : [];
  const name = tableChangedBy(first);
  if (name === null) return [];
  const [old, table] = [before.get(name), after.get(name) as Table];
  if (!old) return createTable(table, flavour);
  if (old === table) return [];
  const setting = flavour === 'mysql' && keysHold(old, table) ? unchecked : undefined;
  return alterTable(old, table, originOf(group, name), flavour).map(({ sql, scans }) => ({
    sql,
    table: name,
    title: `change ${name}`,
    scans,
    ...(scans && setting && { setting }),
  }));
}

function createTable(table: Table, flavour: Flavour): Statement[] {
  const statement = (sql: string, title: string): Statement => ({ sql, table: table.name, title });
  return [
    statement(renderTable(table, flavour), `create ${table.name}`),
    ...table.triggers.map((trigger) =>
      statement(renderTrigger(table.name, trigger), `create trigger ${trigger.name}`),
    ),
  ];
}

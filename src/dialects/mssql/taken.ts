import type { Operation } from '../../schema/operation.js';
import type { Schema, Table } from '../../schema/table.js';
import { type Created, createdNames } from '../created.js';
import type { Query } from './obstacles.js';

/** The protocol takes 2100 parameters. */
const portion = 1000;

/**
 * Names the upgrade creates that something else has: tables, views, procedures, triggers and constraints share one
 * namespace of a schema; indexes have their table's own.
 */
export async function findTakenNames(
  session: Query,
  before: Schema,
  after: Schema,
  operations: readonly Operation[],
): Promise<string[]> {
  const created = [
    ...createdNames(before, after, operations).filter(({ kind }) => kind !== 'column' && kind !== 'index'),
    ...otherConstraints(before, after),
  ];
  const found: string[] = [];
  for (let from = 0; from < created.length; from += portion) {
    const part = created.slice(from, from + portion);
    const rows = await session.query<{ name: string; type: string; owner: string | null }>(
      `SELECT name, LOWER(REPLACE(type_desc, '_', ' ')) AS type, OBJECT_NAME(parent_object_id) AS owner
       FROM sys.objects WHERE schema_id = SCHEMA_ID() AND name IN (${part.map(() => '?').join(', ')})`,
      part.map(({ name }) => name),
    );
    for (const { name, type, owner } of rows) {
      const wanted = part.find((one) => one.name.toLowerCase() === name.toLowerCase());
      if (!wanted) continue;
      found.push(
        `${type} ${name}${owner ? ` of ${owner}` : ''} has the name of a ${wanted.kind} that the upgrade creates: rename or drop it`,
      );
    }
  }
  return found;
}

/** Foreign keys and checks, which have names of their own on this server. */
function otherConstraints(before: Schema, after: Schema): Created[] {
  const named = (table: Table | undefined): string[] =>
    [...(table?.foreignKeys ?? []), ...(table?.checks ?? [])].flatMap(({ name }) => name ?? []);
  return [...after.values()].flatMap((table) => {
    const known = named(before.get(table.name));
    return named(table)
      .filter((name) => !known.includes(name))
      .map((name): Created => ({ kind: 'constraint', name, table: table.name }));
  });
}

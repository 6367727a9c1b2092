import type { ForeignKey, Schema, Table } from '../../schema/table.js';
import type { Around } from '../script.js';
import { literalText, quote } from './quote.js';

/**
 * Foreign keys are off while tables are replaced. Keys without a parent are noted before, and compared after: what is
 * missing already stays missing, as in an upgrade without a script.
 */
export function keepKeys(before: Schema, after: Schema, assert: (condition: string) => string): Around {
  const [old, now] = [dangling(before, before), dangling(after, before)];
  if (now === null) return { before: [], after: [] };
  const nothing = 'SELECT NULL AS parent, NULL AS missing WHERE 0';
  const kept = 'SELECT parent, missing FROM temp.mltrack_dangling';
  return {
    before: [`CREATE TEMP TABLE mltrack_dangling AS ${old ?? nothing};`],
    after: [
      assert(`NOT EXISTS (SELECT parent, missing FROM (${now}) EXCEPT ${kept})`),
      'DROP TABLE temp.mltrack_dangling;',
    ],
  };
}

/** @param known the schema of the beginning: a column that came to a key since does not tell its rows apart */
function dangling(schema: Schema, known: Schema): string | null {
  const parts = [...schema.values()]
    .filter((table) => !table.opaque)
    .flatMap((table) => table.foreignKeys.flatMap((key) => missingParents(table, key, schema, known)));
  return parts.length === 0 ? null : parts.join('\nUNION ALL ');
}

function missingParents(table: Table, key: ForeignKey, schema: Schema, known: Schema): string[] {
  const parent = schema.get(key.refTable);
  const targets = key.refColumns.length > 0 ? key.refColumns : (parent?.primaryKey?.columns ?? []);
  if (!parent || targets.length !== key.columns.length) return [];
  const child = key.columns.map((name) => `c.${quote(name)}`);
  const old = known.get(table.name)?.columns.map((column) => column.name);
  const lasting = key.columns.filter((name) => old?.includes(name) ?? true);
  const value = lasting.map((name) => `CAST(c.${quote(name)} AS TEXT)`).join(' || char(31) || ') || "''";
  const given = child.map((column) => `${column} IS NOT NULL`).join(' AND ');
  const same = targets.map((name, i) => `p.${quote(name)} = ${child[i]}`).join(' AND ');
  return [
    `SELECT ${literalText(key.refTable)} AS parent, ${value} AS missing FROM ${quote(table.name)} AS c` +
      ` WHERE ${given} AND NOT EXISTS (SELECT 1 FROM ${quote(key.refTable)} AS p WHERE ${same})`,
  ];
}

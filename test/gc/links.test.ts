import { describe, expect, it } from 'vitest';
import { foreignKeyRules, noLinks, softLinks } from '../../migrations/links.js';
import { expectedAt, loadChain } from '../../src/core/revisions.js';
import { loadDialect } from '../../src/dialects/index.js';
import { type Column, columnOf, type Schema } from '../../src/schema/table.js';

/** Words in a column's name that hint at the identity of something else. */
const hint = new RegExp(
  '(^|_)(id|ids|uuid|uri|source|destination|run|experiment|trace|span|job|endpoint|scorer|schema|dataset|version|' +
    'overrides|link|location|target|workspace|permissions)(_|$)|_name$|metadata|params',
);
const suspicious = ({ name, type }: Column) =>
  hint.test(name) || type.kind === 'text' || type.kind === 'json';

async function headSchema(): Promise<Schema> {
  const chain = await loadChain();
  return expectedAt(chain, chain.revisions.length - 1, await loadDialect('sqlite'));
}

const linked = new Set(softLinks.map(({ table, column }) => `${table}.${column}`));
const unlinked = Object.values(noLinks).flat();

describe('the links of the schema', () => {
  it('classify every column of the head revision that may hold an id', async () => {
    const open = [...(await headSchema()).values()].flatMap((table) => {
      const keyed = new Set(table.foreignKeys.flatMap((key) => key.columns));
      const identity = table.primaryKey?.columns.length === 1 ? table.primaryKey.columns[0] : undefined;
      return table.columns
        .filter((column) => suspicious(column) && !keyed.has(column.name) && column.name !== identity)
        .map((column) => `${table.name}.${column.name}`)
        .filter((name) => !linked.has(name));
    });
    expect(open.filter((name) => name !== 'alembic_version.version_num').sort()).toEqual(
      [...unlinked].sort(),
    );
  });

  it('would notice a column that a new revision adds', () => {
    const column = { nullable: true, default: null, generated: null, identity: null, collation: null };
    expect(suspicious({ ...column, name: 'parent_run_id', type: { kind: 'string', length: 32 } })).toBe(true);
    expect(suspicious({ ...column, name: 'details', type: { kind: 'json' } })).toBe(true);
    expect(suspicious({ ...column, name: 'created_at', type: { kind: 'bigint' } })).toBe(false);
  });

  it('name columns that are there, and a reason', async () => {
    const schema = await headSchema();
    const has = (table: string, column: string) => {
      const found = schema.get(table);
      return found !== undefined && columnOf(found, column) !== undefined;
    };
    for (const { table, column, to, toColumn, when, why, source } of softLinks) {
      expect(has(table, column) && has(to, toColumn), `${table}.${column} → ${to}.${toColumn}`).toBe(true);
      for (const key of Object.keys(when ?? {})) expect(has(table, key), `${table}.${key}`).toBe(true);
      expect(why.length * source.length).toBeGreaterThan(0);
    }
    for (const { table, column } of foreignKeyRules) {
      const keys = schema.get(table)?.foreignKeys ?? [];
      expect(
        keys.some((key) => key.columns.includes(column)),
        `${table}.${column}`,
      ).toBe(true);
    }
    expect(unlinked.filter((name) => linked.has(name))).toEqual([]);
  });

  it('clear no column that must have a value', async () => {
    const schema = await headSchema();
    const cleared = [...softLinks, ...foreignKeyRules].filter(({ onDelete }) => onDelete === 'clear');
    expect(cleared.length).toBeGreaterThan(0);
    for (const { table, column } of cleared)
      expect(columnOf(schema.get(table) as never, column)?.nullable, `${table}.${column}`).toBe(true);
  });
});

import { describe, expect, it } from 'vitest';
import { loadChain } from '../../../src/core/revisions.js';
import { unevenForeignKeys } from '../../../src/dialects/mssql/dependents.js';
import { mssql } from '../../../src/dialects/mssql/index.js';
import {
  alterColumn,
  applyAll,
  check,
  column,
  createTrigger,
  dropColumn,
  foreignKey,
  index,
  integer,
  literal,
  native,
  type Operation,
  replacePrimaryKey,
  required,
  type Schema,
  string,
  type Table,
  table,
  unique,
} from '../../../src/schema/index.js';

const schemaOf = (...tables: Table[]): Schema => new Map(tables.map((one) => [one.name, one]));
const compile = (schema: Schema, ...operations: Operation[]): string[] =>
  mssql.compile(operations, schema).map(({ sql }) => sql);

/** What a revision sends to a database that stands right before it. */
async function revision(ordinal: number): Promise<string[]> {
  const chain = await loadChain();
  const before = applyAll(new Map(), chain.operations(-1, ordinal - 1, 'mssql'), mssql.traits);
  return compile(before, ...chain.operations(ordinal - 1, ordinal, 'mssql'));
}

const parent = table('parent', { columns: [required('id', string(10))], primaryKey: ['parent_pk', ['id']] });
const child: Table = {
  ...table('child', {
    columns: [
      required('id', string(10)),
      column('size', integer, { default: literal('0') }),
      column('word', native('varchar(20)')),
    ],
    primaryKey: ['child_pk', ['id']],
    uniques: [unique(['size'])],
    foreignKeys: [foreignKey(['id'], 'parent', ['id'], { name: 'to_parent', onDelete: 'CASCADE' })],
    checks: [check('[word] IN (1, 2)')],
  }),
  indexes: [
    {
      ...index('by_word', ['word']),
      include: ['size'],
      where: '([size] > 0)',
      sql: 'CREATE INDEX by_word ON child (word) INCLUDE (size) WHERE ([size] > 0)',
    },
  ],
};

describe('revisions as T-SQL', () => {
  it('adds a column with a default, and a key in its order', async () => {
    expect(await revision(1)).toEqual([
      "ALTER TABLE metrics ADD step bigint NOT NULL DEFAULT '0'",
      'ALTER TABLE metrics DROP CONSTRAINT metric_pk',
      'ALTER TABLE metrics ADD CONSTRAINT metric_pk PRIMARY KEY ([key], timestamp, step, run_uuid, value)',
    ]);
  });

  it('renames a column in place', async () => {
    expect(await revision(43)).toContain("EXEC sp_rename N'jobs.function_fullname', N'job_name', N'COLUMN'");
  });

  it('drops unnamed constraints by what the catalog calls them', async () => {
    const [first = ''] = await revision(49);
    expect(first).toContain('sys.key_constraints k WHERE k.parent_object_id');
    expect(first).toContain("= N'[name]'");
    expect(first).toContain('IF @drop IS NOT NULL EXEC(@drop)');
  });

  it('takes keys and indexes off a column whose collation changes, and puts them back', async () => {
    const statements = await revision(70);
    const change = statements.findIndex((sql) =>
      sql.includes('ALTER TABLE mcp_server_versions ALTER COLUMN'),
    );
    expect(statements[change]).toBe(
      'ALTER TABLE mcp_server_versions ALTER COLUMN version varchar(128) COLLATE SQL_Latin1_General_CP1_CS_AS NOT NULL',
    );
    expect(statements[change - 1]).toBe(
      'ALTER TABLE mcp_server_versions DROP CONSTRAINT mcp_server_versions_pk',
    );
    expect(statements[change + 1]).toBe(
      'ALTER TABLE mcp_server_versions ADD CONSTRAINT mcp_server_versions_pk PRIMARY KEY (workspace, name, version)',
    );
  });

  it('creates a trigger as the first statement of its batch', async () => {
    const trigger = (await revision(41)).filter((sql) => sql.includes('TRIGGER'));
    expect(trigger).toHaveLength(1);
    expect(trigger[0]).toMatch(/^CREATE TRIGGER prevent_secrets_aad_mutation\nON secrets\nAFTER UPDATE\nAS/);
  });
});

describe('changing a column', () => {
  const schema = schemaOf(parent, child);

  it('drops its default before it drops the column', () => {
    const bare = schemaOf({ ...child, uniques: [], indexes: [] });
    const [first = '', second] = compile(bare, dropColumn('child', 'size'));
    expect(first).toContain('sys.default_constraints k');
    expect(first).toContain("COLUMNPROPERTY(OBJECT_ID(N'child', N'U'), N'size', 'ColumnId')");
    expect(second).toBe('ALTER TABLE child DROP COLUMN size');
  });

  it('only makes room without touching indexes and checks', () => {
    expect(compile(schema, alterColumn('child', 'word', { type: string(50) }))).toEqual([
      'ALTER TABLE child ALTER COLUMN word varchar(50) NULL',
    ]);
  });

  it('puts back what stood on it, in its own words', () => {
    const statements = compile(schema, alterColumn('child', 'word', { nullable: false }));
    expect(statements[0]).toBe('DROP INDEX by_word ON child');
    expect(statements[1]).toContain('sys.check_constraints k');
    expect(statements[1]).toContain("CHARINDEX(N'[word]', k.[definition]) > 0");
    expect(statements.slice(2)).toEqual([
      'ALTER TABLE child ALTER COLUMN word varchar(20) NOT NULL',
      'ALTER TABLE child ADD CHECK ([word] IN (1, 2))',
      'CREATE INDEX by_word ON child (word) INCLUDE (size) WHERE ([size] > 0)',
    ]);
  });

  it('takes foreign keys off a key that is replaced, and puts them back', () => {
    expect(compile(schema, replacePrimaryKey('parent', 'parent_pk2', ['id']))).toEqual([
      'ALTER TABLE child DROP CONSTRAINT to_parent',
      'ALTER TABLE parent DROP CONSTRAINT parent_pk',
      'ALTER TABLE parent ADD CONSTRAINT parent_pk2 PRIMARY KEY (id)',
      'ALTER TABLE child ADD CONSTRAINT to_parent FOREIGN KEY (id) REFERENCES parent (id) ON DELETE CASCADE',
    ]);
  });

  it('keeps a collation of the user', () => {
    const own = schemaOf(
      table('t', {
        columns: [required('id', integer), { ...column('c', native('varchar(9)')), collation: 'Greek_BIN2' }],
        primaryKey: ['pk', ['id']],
      }),
    );
    expect(compile(own, alterColumn('t', 'c', { type: string(99) }))).toEqual([
      'ALTER TABLE t ALTER COLUMN c varchar(99) COLLATE Greek_BIN2 NULL',
    ]);
  });

  it('replaces a default', () => {
    const statements = compile(schema, alterColumn('child', 'size', { default: literal('1') }));
    expect(statements[0]).toContain('sys.default_constraints k');
    expect(statements.slice(1)).toEqual(["ALTER TABLE child ADD DEFAULT '1' FOR size"]);
  });

  it('does nothing for what is so already, in the words of the server', () => {
    const told = schemaOf({
      ...child,
      columns: child.columns.map((one) =>
        one.name === 'size' ? { ...one, default: { kind: 'native' as const, sql: "('0')" } } : one,
      ),
    });
    expect(
      compile(told, alterColumn('child', 'size', { default: literal('0'), nullable: true, type: integer })),
    ).toEqual([]);
  });
});

describe('foreign keys of the user', () => {
  it('are told when they could not come back', () => {
    const exact = { ...parent, columns: [required('id', string(10, { caseSensitive: true }))] };
    const [reason = '', ...more] = unevenForeignKeys(schemaOf(parent, child), schemaOf(exact, child));
    expect(more).toEqual([]);
    expect(reason).toContain('foreign key to_parent of child compares id (varchar(10)) with parent.id');
    expect(unevenForeignKeys(schemaOf(parent, child), schemaOf(parent, { ...child }))).toEqual([]);
  });
});

describe('what is the same in other words', () => {
  const { sameExpression, sameTrigger } = mssql.traits;

  it('knows a list of alternatives, in whatever order', () => {
    expect(sameExpression("status IN ('A', 'B (x)')", "([status]='B (x)' OR [status]='A')")).toBe(true);
    expect(sameExpression("status IN ('A', 'B')", "([status]='C' OR [status]='A')")).toBe(false);
    expect(sameExpression("status IN ('A')", "([stage]='A')")).toBe(false);
    expect(sameExpression('a > 0', '([a]>(0))')).toBe(true);
  });

  it('knows its own trigger', () => {
    const trigger = { kind: 'immutable', name: 'x', columns: ['a', 'b'], message: '100% fixed' } as const;
    const [sql = ''] = compile(schemaOf(child), createTrigger('child', trigger));
    expect(sql).toContain("RAISERROR('100%% fixed', 16, 1)");
    const found = { kind: 'native', name: 'x', sql: `\n${sql.toUpperCase()}\n` } as const;
    expect(sameTrigger({ ...found, sql: `\n${sql}\n` }, trigger, 'child')).toBe(true);
    expect(sameTrigger({ ...found, sql: sql.replace('OR', 'AND') }, trigger, 'child')).toBe(false);
  });
});

import { describe, expect, it } from 'vitest';
import { introspect, nativeType } from '../../../src/dialects/mssql/introspect.js';
import { updateStatement } from '../../../src/dialects/mssql/update-rows.js';
import type { Row } from '../../../src/schema/index.js';

const type = (name: string, length: number, precision = 0, scale = 0, alias = false) =>
  nativeType({ type: name, alias, length, precision, scale });

describe('the types of sys.columns', () => {
  it.each([
    [type('varchar', 250), 'varchar(250)'],
    [type('varchar', -1), 'varchar(max)'],
    [type('nvarchar', 500), 'nvarchar(250)'],
    [type('nvarchar', -1), 'nvarchar(max)'],
    [type('varbinary', -1), 'varbinary(max)'],
    [type('float', 8, 53), 'float'],
    [type('decimal', 9, 18, 2), 'decimal(18, 2)'],
    [type('datetime2', 8, 27, 7), 'datetime2(7)'],
    [type('bit', 1), 'bit'],
    [type('Phone', 40, 0, 0, true), 'Phone'],
  ])('are told as DDL names them: %s', (told, expected) => {
    expect(told).toBe(expected);
  });
});

const indexRow = (over: Row): Row => ({
  ...{
    owner: 't',
    id: 2,
    name: 'ix',
    type: 'NONCLUSTERED',
    isunique: false,
    iskey: false,
    isconstraint: false,
  },
  ...{ filter: null, ignores: false, factor: 0, descending: false, included: false, position: 1, ...over },
});

describe('indexes', () => {
  it('are told apart from keys, and can be made again in their own words', async () => {
    const rows: Record<string, Row[]> = {
      tables: [{ name: 't' }],
      indexes: [
        indexRow({ id: 1, name: 't_pk', iskey: true, isunique: true, type: 'CLUSTERED', column: 'id' }),
        indexRow({ id: 3, name: 'UQ__t__1', isconstraint: true, isunique: true, column: 'a' }),
        indexRow({ column: 'key', filter: '([a]>(0))', factor: 80, descending: true }),
        indexRow({ column: 'b', filter: '([a]>(0))', factor: 80, included: true, position: 0 }),
      ],
    };
    const query = async <T extends Row>(sql: string): Promise<T[]> =>
      (rows[/FROM sys\.(\w+)/.exec(sql)?.[1] ?? ''] ?? []) as T[];
    const found = (await introspect({ query })).get('t');
    expect(found?.primaryKey).toEqual({ name: 't_pk', columns: ['id'] });
    expect(found?.uniques).toEqual([{ name: 'UQ__t__1', columns: ['a'] }]);
    expect(found?.indexes).toHaveLength(1);
    expect(found?.indexes[0]).toMatchObject({ name: 'ix', include: ['b'], where: '([a]>(0))' });
    expect(found?.indexes[0]?.sql).toBe(
      'CREATE INDEX ix ON t ([key] DESC) INCLUDE (b) WHERE ([a]>(0)) WITH (FILLFACTOR = 80)',
    );
  });
});

describe('many rows in one statement', () => {
  const keys = [{ name: 'id', type: 'text' }] as const;
  const values = [
    { name: 'cost', type: 'double' },
    { name: 'key', type: 'text' },
  ] as const;

  it('joins constants by a key of the type and collation of the column', () => {
    const rows = [
      ['a', 1, 'é'],
      ['b', 2, null],
    ];
    expect(updateStatement('t', keys, values, rows, new Map([['id', 'Greek_BIN2']]))).toBe(
      'UPDATE t SET cost = changed.new_cost, [key] = changed.new_key FROM t AS t' +
        ' JOIN (VALUES (CAST(? AS VARCHAR(8000)), CAST(? AS FLOAT), ?), (CAST(? AS VARCHAR(8000)), CAST(? AS FLOAT), ?))' +
        ' AS changed (new_id, new_cost, new_key) ON t.id = changed.new_id COLLATE Greek_BIN2',
    );
  });

  it('loses no character of a key that is not ASCII', () => {
    expect(updateStatement('t', keys, values, [['é', 1, 'x']], new Map())).toContain(
      'VALUES (?, CAST(? AS FLOAT), ?)',
    );
  });
});

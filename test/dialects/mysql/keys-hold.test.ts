import { afterEach, describe, expect, it } from 'vitest';
import { send } from '../../../src/core/send.js';
import type { Session } from '../../../src/dialects/dialect.js';
import { languageOf } from '../../../src/dialects/mysql/compile.js';
import { unchecked } from '../../../src/dialects/mysql/keys-hold.js';
import { applyAll } from '../../../src/schema/apply.js';
import {
  addCheck,
  addForeignKey,
  alterColumn,
  check,
  createIndex,
  createTable,
  dropIndex,
  foreignKey,
  index,
  literal,
  type Operation,
  required,
  string,
  table,
} from '../../../src/schema/index.js';
import { availableServers, createDatabase, type Database, openSession } from '../../support/databases.js';

const parent = table('p', { columns: [required('id', string(9))], primaryKey: ['p_pk', ['id']] });
const child = table('c', {
  columns: [required('id', string(9)), required('n', string(9)), required('m', string(9))],
  primaryKey: ['c_pk', ['n']],
  foreignKeys: [foreignKey(['id'], 'p', ['id'])],
});
const { traits } = languageOf('mysql');
const schema = applyAll(
  new Map(),
  [createTable(parent), createTable(child), createIndex('c', index('j', ['m']))],
  traits,
);
const settings = (flavour: 'mysql' | 'mariadb', ...operations: Operation[]) =>
  languageOf(flavour)
    .compile(operations, schema)
    .map(({ setting }) => setting);
const isN = check("n <> ''", 'n_is');

describe('a change that copies a table with foreign keys', () => {
  it.each([
    ['a check', [addCheck('c', isN)]],
    ['the default of a key column', [alterColumn('c', 'n', { default: literal('x') }), addCheck('c', isN)]],
  ])('does not compare its rows anew for %s', (_, operations) => {
    expect(settings('mysql', ...operations)).toEqual([unchecked]);
    expect(settings('mariadb', ...operations)).toEqual([undefined]);
  });

  it.each([
    ['another type of a key column', alterColumn('c', 'n', { type: string(8) })],
    ['another type of an indexed column', alterColumn('c', 'm', { type: string(8) })],
    ['another type of a foreign key', alterColumn('c', 'id', { type: string(10) })],
    ['an index less', dropIndex('c', 'j')],
    ['another foreign key', addForeignKey('c', foreignKey(['m'], 'p', ['id']))],
  ])('compares them for %s', (_, operation) => {
    const found = settings('mysql', addCheck('c', isN), operation);
    expect(found.length).toBeGreaterThan(0);
    expect(found.filter(Boolean)).toEqual([]);
  });

  it('asks for nothing where nothing is compared', () => {
    expect(settings('mysql', addCheck('p', check("id <> ''", 'id_is')))).toEqual([undefined]);
    expect(settings('mysql', createIndex('c', index('k', ['n', 'm'])))).toEqual([undefined]);
  });
});

describe.each(availableServers().filter((kind) => kind === 'mysql'))('%s', (kind) => {
  let database: Database;
  let session: Session;
  afterEach(async () => {
    await session.close();
    await database.drop();
  });

  it('checks foreign keys again, whatever became of the statement', async () => {
    database = await createDatabase(kind);
    ({ session } = await openSession(database));
    const { compile, create } = languageOf('mysql');
    for (const { sql } of create(schema)) await session.query(sql);
    await session.query("INSERT INTO p VALUES ('1')");
    await session.query("INSERT INTO c VALUES ('1', '', '')");
    const orphan = () => session.query("INSERT INTO c VALUES ('2', 'x', '')");
    const [statement] = compile([addCheck('c', isN)], schema);
    if (!statement) throw new Error('nothing to do');
    await expect(send(session, statement)).rejects.toThrow('n_is');
    await expect(orphan()).rejects.toThrow('foreign key');
    await session.query("UPDATE c SET n = 'n'");
    await send(session, statement);
    await expect(orphan()).rejects.toThrow('foreign key');
    expect(await session.query('SELECT * FROM c')).toEqual([{ id: '1', n: 'n', m: '' }]);
  });
});

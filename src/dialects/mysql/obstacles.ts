import type { Operation } from '../../schema/operation.js';
import { columnOf, type Schema } from '../../schema/table.js';
import { createdNames } from '../created.js';
import { readGrants } from './grants.js';
import { quote } from './quote.js';
import type { MysqlSession } from './session.js';

type Query = Pick<MysqlSession, 'query' | 'flavour' | 'database'>;

/**
 * What would stop the upgrade half-way, where nothing can be rolled back: rights, the server's settings, taken names,
 * values that do not fit.
 */
export async function findObstacles(
  session: Query,
  operations: readonly Operation[],
  before: Schema,
  after: Schema,
): Promise<string[]> {
  const makesTrigger = createdNames(before, after).some(({ kind }) => kind === 'trigger');
  return [
    ...(await settings(session)),
    ...(await missingRights(session, makesTrigger, operations)),
    ...(await engines(session, operations, before)),
    ...(await takenNames(session, before, after, operations)),
    ...(await tooLong(session, operations, before)),
  ];
}

async function settings(session: Query): Promise<string[]> {
  const [row] = await session.query<{ format: string; page: number }>(
    'SELECT @@GLOBAL.innodb_default_row_format AS format, @@GLOBAL.innodb_page_size AS page',
  );
  const found: string[] = [];
  if (row?.format.toLowerCase() !== 'dynamic')
    found.push(
      `new tables would have the row format ${row?.format}, whose indexes hold 767 bytes a column and are too short for MLflow: SET GLOBAL innodb_default_row_format = 'DYNAMIC'`,
    );
  if (row && Number(row.page) < 16_384)
    found.push(
      `the server's innodb_page_size is ${row.page}: its keys are shorter than the 3072 bytes that MLflow's need; move to a server with 16k pages or more`,
    );
  return found;
}

const needed = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CREATE', 'ALTER', 'INDEX', 'REFERENCES'];

async function missingRights(
  session: Query,
  makesTrigger: boolean,
  operations: readonly Operation[],
): Promise<string[]> {
  const grants = await readGrants(session, session.database);
  if (!grants) return [];
  const { user, rights, global } = grants;
  const found: string[] = [];
  // Only the way down drops tables.
  const drops = operations.some(({ kind }) => kind === 'dropTable');
  const wanted = [...needed, ...(makesTrigger ? ['TRIGGER'] : []), ...(drops ? ['DROP'] : [])];
  const missing = rights ? wanted.filter((right) => !rights.has(right)) : [];
  if (missing.length > 0)
    found.push(
      `user ${user} lacks rights on the database: GRANT ${missing.join(', ')} ON ${quote(session.database)}.* TO ${account(user)}`,
    );
  if (makesTrigger && !global.has('SUPER')) found.push(...(await triggerRefused(session, user)));
  const [row] = await session.query<{ off: number }>('SELECT @@GLOBAL.read_only AS off');
  const mayWrite = ['SUPER', 'CONNECTION_ADMIN', 'READ_ONLY ADMIN'].some((right) => global.has(right));
  if (Number(row?.off) === 1 && !mayWrite)
    found.push('the server is read-only (a replica?): connect to the primary, or SET GLOBAL read_only = OFF');
  return found;
}

const account = (user: string): string =>
  user
    .split(/@(?=[^@]*$)/)
    .map((part) => `'${part}'`)
    .join('@');

/** Error 1419: with a binary log, only SUPER may create a trigger, unless the server trusts the others. */
async function triggerRefused(session: Query, user: string): Promise<string[]> {
  const [row] = await session.query<{ log: number; trust: number }>(
    'SELECT @@GLOBAL.log_bin AS log, @@GLOBAL.log_bin_trust_function_creators AS trust',
  );
  if (Number(row?.log) === 0 || Number(row?.trust) === 1) return [];
  return [
    `the server writes a binary log and does not let ${user} create the trigger prevent_secrets_aad_mutation (error 1419): SET GLOBAL log_bin_trust_function_creators = 1, or GRANT SUPER ON *.* TO ${account(user)}`,
  ];
}

/** Only InnoDB has foreign keys. */
async function engines(session: Query, operations: readonly Operation[], before: Schema): Promise<string[]> {
  const rows = await session.query<{ name: string; engine: string }>(
    `SELECT TABLE_NAME AS name, ENGINE AS engine FROM information_schema.TABLES
     WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'BASE TABLE' AND ENGINE <> 'InnoDB'`,
  );
  const used = new Set(operations.flatMap(tablesOf));
  return rows
    .filter(({ name }) => used.has(name) && before.has(name))
    .map(
      ({ name, engine }) =>
        `table ${name} is of the engine ${engine}, which has no foreign keys: ALTER TABLE ${quote(name)} ENGINE = InnoDB`,
    );
}

function tablesOf(operation: Operation): string[] {
  if (operation.kind === 'rows') return [...operation.writes];
  if (operation.kind === 'only') return [];
  if (operation.kind === 'createTable') return operation.table.foreignKeys.map((key) => key.refTable);
  return [operation.table];
}

/** Tables share a namespace with views; triggers, foreign keys and MySQL's checks have one each per database. */
async function takenNames(
  session: Query,
  before: Schema,
  after: Schema,
  operations: readonly Operation[],
): Promise<string[]> {
  const created = createdNames(before, after, operations).filter(
    ({ kind }) => kind === 'table' || kind === 'trigger',
  );
  const keys = [...after.values()].flatMap((table) =>
    table === before.get(table.name) ? [] : constraintsOf(table, before),
  );
  if (created.length + keys.length === 0) return [];
  const rows = await session.query<{ space: string; name: string; tbl: string }>(
    `SELECT 'view' AS space, TABLE_NAME AS name, TABLE_NAME AS tbl FROM information_schema.TABLES
     WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE <> 'BASE TABLE'
     UNION ALL SELECT 'trigger', TRIGGER_NAME, EVENT_OBJECT_TABLE FROM information_schema.TRIGGERS
     WHERE TRIGGER_SCHEMA = DATABASE()
     UNION ALL SELECT 'constraint', CONSTRAINT_NAME, TABLE_NAME FROM information_schema.TABLE_CONSTRAINTS
     WHERE CONSTRAINT_SCHEMA = DATABASE() AND CONSTRAINT_TYPE IN ('FOREIGN KEY'${session.flavour === 'mysql' ? ", 'CHECK'" : ''})`,
  );
  const say = (what: string, wanted: string) =>
    `${what} has the name of a ${wanted} that the upgrade creates: rename or drop it`;
  const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
  return [
    ...created.flatMap(({ kind, name }) =>
      rows
        .filter((row) => row.space === (kind === 'table' ? 'view' : 'trigger') && same(row.name, name))
        .map((row) => say(kind === 'table' ? `view ${row.name}` : `trigger ${row.name} on ${row.tbl}`, kind)),
    ),
    ...keys.flatMap(({ name, table }) =>
      rows
        .filter((row) => row.space === 'constraint' && same(row.name, name) && row.tbl !== table)
        .map((row) => say(`constraint ${row.name} on ${row.tbl}`, 'constraint')),
    ),
  ];
}

function constraintsOf(
  table: { name: string; foreignKeys: readonly Named[]; checks: readonly Named[] },
  before: Schema,
): { name: string; table: string }[] {
  const old = before.get(table.name);
  const known = [...(old?.foreignKeys ?? []), ...(old?.checks ?? [])].map((part) => part.name);
  return [...table.foreignKeys, ...table.checks].flatMap(({ name }) =>
    name === null || known.includes(name) ? [] : [{ name, table: table.name }],
  );
}

interface Named {
  readonly name: string | null;
}

/** Values that the new length of a column would cut; strict mode refuses them, and so does MLflow then. */
async function tooLong(session: Query, operations: readonly Operation[], before: Schema): Promise<string[]> {
  const found: string[] = [];
  for (const operation of operations) {
    if (operation.kind !== 'alterColumn' || operation.change.type?.kind !== 'string') continue;
    const { table, column } = operation;
    const { length } = operation.change.type;
    const live = before.get(table);
    const old = live && columnOf(live, column);
    const oldLength = old?.type.kind === 'native' ? /^varchar\((\d+)\)/i.exec(old.type.text)?.[1] : undefined;
    if (!old || (oldLength !== undefined && Number(oldLength) <= length)) continue;
    const [row] = await session.query<{ n: number }>(
      `SELECT COUNT(*) AS n FROM ${quote(table)} WHERE CHAR_LENGTH(${quote(column)}) > ${length}`,
    );
    if (Number(row?.n) > 0)
      found.push(
        `${row?.n} values of ${table}.${column} are longer than the ${length} characters that MLflow gives the column: shorten them`,
      );
  }
  return found;
}

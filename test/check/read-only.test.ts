import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Checked } from '../../src/core/check/check.js';
import type { Session } from '../../src/dialects/dialect.js';
import { ExitCode } from '../../src/errors.js';
import { check } from '../support/check.js';
import { availableServers, type Database, databaseAt } from '../support/databases.js';
import { stateCount } from '../support/fixtures.js';
import { goldenOf } from '../support/golden.js';
import { otherSession } from '../support/other-session.js';
import { createRole, grantable, openToCheck, type Role } from '../support/roles.js';
import { snapshot } from '../support/snapshot.js';

const servers = availableServers().filter((kind) => kind !== 'sqlite');
const head = stateCount - 1;

const drift = ({ findings }: Checked) =>
  findings.filter(({ severity }) => severity !== 'note').map(({ message }) => message);

describe.each(servers)('%s: who may only read', (kind) => {
  let database: Database;
  const roles: Role[] = [];
  const isMysql = kind !== 'postgresql';

  beforeAll(async () => {
    database = await databaseAt(kind, head);
  });
  afterEach(async () => {
    for (const role of roles.splice(0)) await role.drop();
  });
  afterAll(() => database.drop());

  const roleWith = async (...grants: string[]): Promise<Role> => {
    const role = await createRole(database);
    roles.push(role);
    await database.run(...grants.map((grant) => `${grant} TO ${role.name}`));
    return role;
  };

  it('sees with SELECT alone what the owner sees, and knows what it does not see', async () => {
    const role = await roleWith(`GRANT SELECT ON ${grantable(database)}`);
    const owner = await openToCheck(database);
    const session = await role.open();
    try {
      const checked = await check(session, true);
      expect(drift(checked)).toEqual([]);
      const whole = goldenOf(await owner.introspect());
      const seen = goldenOf(await session.introspect());
      if (isMysql) for (const table of Object.values(whole)) (table as { triggers: unknown[] }).triggers = [];
      expect(seen).toEqual(whole);
      expect(checked.notChecked.map(({ what, remedy }) => `${what}: ${remedy}`)).toEqual(
        isMysql
          ? [
              expect.stringMatching(
                /^the triggers of secrets and of other tables: GRANT TRIGGER ON .* TO 't\w+'@'%'$/,
              ),
            ]
          : [expect.stringMatching(/^whether the sequences of experiments, .*: GRANT SELECT ON SEQUENCE /)],
      );
      expect((await check(session)).notChecked).toHaveLength(isMysql ? 1 : 0);
    } finally {
      await session.close();
      await owner.close();
    }
  });

  it('finds what is missing as well', async () => {
    const role = await roleWith(`GRANT SELECT ON ${grantable(database)}`);
    const drop = 'DROP INDEX index_params_run_uuid';
    await database.run(isMysql ? 'CREATE INDEX spare ON params (run_uuid)' : 'SELECT 1');
    await database.run(isMysql ? `${drop} ON params` : drop);
    const session = await role.open();
    try {
      expect((await check(session)).findings).toContainEqual(
        expect.objectContaining({ severity: 'warning', table: 'params', name: 'index_params_run_uuid' }),
      );
    } finally {
      await session.close();
      await database.run('CREATE INDEX index_params_run_uuid ON params (run_uuid)');
      await database.run(isMysql ? 'DROP INDEX spare ON params' : 'SELECT 1');
    }
  });

  it('takes a table that it may not see for neither missing nor clean', async () => {
    const role = await roleWith(
      ...['alembic_version', 'runs', 'metrics'].map(
        (table) => `GRANT SELECT ON ${grantable(database, table)}`,
      ),
      ...(isMysql ? [`GRANT SELECT (name) ON ${grantable(database, 'experiments')}`] : []),
    );
    const session = await role.open();
    try {
      const checked = await check(session, true);
      expect(drift(checked)).toEqual([]);
      const hidden = checked.notChecked.map(({ what, hides }) => ({ what, tables: hides.tables ?? [] }));
      expect(hidden.some(({ tables }) => tables.includes('experiments'))).toBe(true);
      expect(hidden.some(({ tables }) => tables.includes('params'))).toBe(true);
      expect(checked.notChecked.every(({ remedy }) => remedy.startsWith('GRANT '))).toBe(true);
      if (!isMysql)
        expect(hidden.every(({ what }) => /^(the rows|whether the sequences) of /.test(what))).toBe(true);
    } finally {
      await session.close();
    }
  });

  it('is told which right reads the stamp', async () => {
    const role = await roleWith(`GRANT SELECT ON ${grantable(database, 'runs')}`);
    const session = await role.open();
    await expect(check(session)).rejects.toMatchObject({
      exitCode: ExitCode.blocked,
      hints: [expect.stringMatching(/^GRANT SELECT ON .*alembic_version.* TO .*t\d+_/)],
    });
    await session.close();
  });

  it.runIf(!isMysql)('is told which right lets it into the schema', async () => {
    const role = await roleWith(`GRANT SELECT ON ${grantable(database)}`);
    await database.run('REVOKE USAGE ON SCHEMA public FROM PUBLIC');
    const session = await role.open();
    try {
      for (const read of [() => check(session), () => session.introspect(), () => session.tableNames()])
        await expect(read()).rejects.toMatchObject({
          exitCode: ExitCode.blocked,
          hints: [`GRANT USAGE ON SCHEMA public TO ${role.name}`],
        });
    } finally {
      await session.close();
      await database.run('GRANT USAGE ON SCHEMA public TO PUBLIC');
    }
  });

  it.runIf(isMysql)('sees all through a role, also what it has by it', async () => {
    const role = await roleWith();
    const group = `g${role.name.slice(2, -5)}`.slice(0, 30);
    await database.run(
      `CREATE ROLE ${group}`,
      `GRANT SELECT, TRIGGER ON ${grantable(database)} TO ${group}`,
      `GRANT ${group} TO ${role.name}`,
      kind === 'mariadb'
        ? `SET DEFAULT ROLE ${group} FOR ${role.name}`
        : `SET DEFAULT ROLE ${group} TO ${role.name}`,
    );
    const session = await role.open();
    try {
      const checked = await check(session);
      expect(drift(checked)).toEqual([]);
      expect(checked.notChecked).toEqual([]);
    } finally {
      await session.close();
      await database.run(`DROP ROLE ${group}`);
    }
  });

  it('writes nothing, and could not', async () => {
    const before = await snapshot(database);
    const session = await openToCheck(database);
    expect(drift(await check(session, true))).toEqual([]);
    for (const sql of ["DELETE FROM alembic_version WHERE version_num = 'x'", 'DROP TABLE runs'])
      await expect(session.execute(sql)).rejects.toThrow(/read[- ]only/i);
    await expect(session.execute('UPDATE runs SET name = ? WHERE name = ?', ['a', 'b'])).rejects.toThrow(
      /read[- ]only/i,
    );
    // A statement that failed leaves nothing open either.
    expect(await session.query('SELECT version_num FROM alembic_version')).toHaveLength(1);
    await session.close();
    expect(await snapshot(database)).toEqual(before);
  });

  it('holds no lock between two statements', async () => {
    const session = await openToCheck(database);
    const other = await otherSession(database);
    try {
      await check(session, true);
      await session.query('SELECT * FROM alembic_version');
      expect(await heldBy(session)).toEqual([]);
      await other.run(isMysql ? 'SET lock_wait_timeout = 1' : "SET lock_timeout = '1s'");
      for (const table of ['alembic_version', 'runs', 'metrics']) {
        await other.run(`ALTER TABLE ${table} ADD COLUMN felt INTEGER`);
        await other.run(`ALTER TABLE ${table} DROP COLUMN felt`);
      }
    } finally {
      await other.end();
      await session.close();
    }
  });

  /** What the server says this connection holds, seen from another one. */
  async function heldBy(session: Session): Promise<unknown[]> {
    if (kind === 'postgresql') {
      const [me] = await session.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      return database.rows(`SELECT locktype, relation::regclass FROM pg_locks WHERE pid = ${me?.pid}`);
    }
    if (kind === 'mysql') {
      const [me] = await session.query<{ id: number }>('SELECT CONNECTION_ID() AS id');
      return database.rows(
        `SELECT OBJECT_NAME, LOCK_TYPE FROM performance_schema.metadata_locks l
         JOIN performance_schema.threads t ON t.THREAD_ID = l.OWNER_THREAD_ID WHERE t.PROCESSLIST_ID = ${me?.id}`,
      );
    }
    // MariaDB tells it through a plugin only; that ALTER TABLE goes through says the same.
    return [];
  }
});

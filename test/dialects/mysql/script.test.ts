import { afterEach, describe, expect, it } from 'vitest';
import { lockExpression, lockName } from '../../../src/dialects/mysql/lock.js';
import { scriptOn } from '../../../src/dialects/mysql/script.js';
import { availableServers, createDatabase, type Database } from '../../support/databases.js';
import { runScript } from '../../support/script.js';

let database: Database;
afterEach(() => database.drop());

const kinds = availableServers().filter((kind) => kind === 'mysql' || kind === 'mariadb');

describe.each(kinds)('a script for the client of %s', (kind) => {
  const language = scriptOn(kind as 'mysql' | 'mariadb');

  it.each([
    'mlflow',
    'MLflow',
    'x'.repeat(56),
    'x'.repeat(57),
    'A-long_name.of'.repeat(4).concat('12345678'),
  ])('takes the lock that an upgrade of %s takes', async (name) => {
    database = await createDatabase(kind);
    const expression = lockExpression.replaceAll('DATABASE()', `'${name}'`);
    expect(await database.rows(`SELECT ${expression} AS name`)).toEqual([{ name: await lockName(name) }]);
  });

  it('gets a body with semicolons through, whatever is in it', async () => {
    database = await createDatabase(kind);
    const trigger = "CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN SET NEW.x = 'b; // ///'; END";
    const script = ['CREATE TABLE a (x TEXT)', trigger, "INSERT INTO a VALUES ('it''s;')"];
    const { code, output } = await runScript(database, script.map(language.statement).join('\n'));
    expect(code, output).toBe(0);
    expect(await database.rows('SELECT x FROM a')).toEqual([{ x: 'b; // ///' }]);
  });

  it('says the whole reason, and changes nothing after it', async () => {
    database = await createDatabase(kind);
    const reason = `it's because "${'x'.repeat(300)}" is \\ not`;
    const script = [
      language.assert({ condition: '1 = 1', reason: 'never said' }),
      language.assert({ condition: 'NULL', reason }),
      'CREATE TABLE a (x INT);',
    ];
    const { code, output } = await runScript(database, script.join('\n'));
    expect(code).not.toBe(0);
    expect(output).toContain('x'.repeat(300));
    expect(output).not.toContain('never said');
    expect(await database.rows('SHOW TABLES')).toEqual([]);
  });

  it('means the same whatever the modes of the server', async () => {
    database = await createDatabase(kind);
    const text = '\\ " \' || `';
    const script = [
      "SET SESSION sql_mode = 'ANSI,NO_BACKSLASH_ESCAPES';",
      ...language.opening(),
      'CREATE TABLE a (x TEXT, m TEXT);',
      language.statement(language.inline('INSERT INTO a VALUES (?, @@SESSION.sql_mode)', [text])),
    ];
    const { code, output } = await runScript(database, script.join('\n'));
    expect(code, output).toBe(0);
    const [row] = await database.rows('SELECT x, m FROM a');
    expect(row?.x).toBe(text);
    expect(row?.m).toMatch(/STRICT_TRANS_TABLES/);
    expect(row?.m).not.toMatch(/ANSI|BACKSLASH|PIPES/);
  });
});

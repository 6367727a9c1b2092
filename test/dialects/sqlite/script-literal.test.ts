import { spawnSync } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import { literal } from '../../../src/dialects/sqlite/script-literal.js';
import { createDatabase, type Database } from '../../support/databases.js';
import { fileOf } from '../../support/snapshot.js';

let database: Database;
afterEach(() => database.drop());

/** Sends values through SQLite's shell, and reads them back by the driver. */
async function through(type: string, values: readonly unknown[]): Promise<unknown[]> {
  database = await createDatabase('sqlite');
  await database.run(`CREATE TABLE t (n INTEGER PRIMARY KEY, v ${type})`);
  const inserts = values.map((value, i) => `INSERT INTO t VALUES (${i}, ${literal(value)});\n`);
  const ran = spawnSync('sqlite3', ['-bail', fileOf(database)], {
    input: `BEGIN;\n${inserts.join('')}COMMIT;\n`,
    encoding: 'utf8',
  });
  expect(ran.status, ran.stderr).toBe(0);
  return (await database.rows('SELECT v FROM t ORDER BY n')).map((row) => row.v);
}

/** The same doubles each time, of every size. */
function* doubles(count: number): Generator<number> {
  const bytes = Buffer.alloc(8);
  let seed = 42n;
  while (count > 0) {
    seed = (seed * 6364136223846793005n + 1442695040888963407n) & (2n ** 64n - 1n);
    bytes.writeBigUInt64BE(seed ^ (seed >> 29n));
    const value = bytes.readDoubleBE();
    if (!Number.isFinite(value)) continue;
    count--;
    yield value;
    // Costs are of this size.
    yield Number(`${value}`.replace(/e[+-]\d+$/, 'e-5'));
  }
}

describe('values in a script for SQLite', () => {
  it('are doubles to the last bit, whatever the version of the shell', async () => {
    const values = [...doubles(2000), 0.1, 5e-324, 2.225073858507201e-308, 1.7976931348623157e308, 1e23];
    expect(await through('DOUBLE', values)).toEqual(values);
  });

  it('are texts with every character, also many lines', async () => {
    const every = String.fromCharCode(...Array.from({ length: 0x180 }, (_, i) => i));
    const values = [every, 'x\r\n'.repeat(5000), '\n'.repeat(1000), '', "'", '.quit\n;\n', '👩‍🔬'];
    const found = await through('TEXT', values);
    // SQLite's functions see a text as ending at U+0000; the driver reads it whole.
    expect(found).toEqual(values);
  });

  it('are 64-bit integers, booleans and NULL', async () => {
    expect(await through('', [null, true, false, 7, -0, Number.NaN])).toEqual([null, 1, 0, 7, -0, null]);
    expect(literal(2n ** 63n - 1n)).toBe('9223372036854775807');
    expect(literal(Number.MAX_SAFE_INTEGER)).toBe('9007199254740991');
  });
});

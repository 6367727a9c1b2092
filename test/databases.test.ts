import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { alarmsIn } from './support/alarms.js';
import { availableServers, type Database } from './support/databases.js';
import { goldenAt, stateCount } from './support/fixtures.js';
import { goldenOf } from './support/golden.js';
import { loadReal, realDatabases, realReleases } from './support/real-databases.js';
import { allRows, type TableRows } from './support/rows.js';
import { turnsOf } from './support/share.js';
import { schemaOf, upgradeDatabase } from './support/upgrade.js';

interface Upgraded {
  readonly revision: string;
  readonly volatile: readonly string[];
  readonly tables: Record<string, TableRows>;
}

/** Values that are the moment of the upgrade: replaced, after a look at whether they can be one. */
function settle(
  tables: Record<string, TableRows>,
  expected: Upgraded,
  since: number,
): Record<string, TableRows> {
  const settled = { ...tables };
  for (const place of expected.volatile) {
    const [table, column] = place.split('.') as [string, string];
    const found = settled[table] as TableRows;
    const at = found.columns.indexOf(column);
    const rows = found.rows.map((row) =>
      row.map((value, i) => (i === at && Number(value?.slice(2)) >= since ? 'moment of the upgrade' : value)),
    );
    settled[table] = { ...found, rows: [...rows].sort() };
  }
  return settled;
}

/**
 * A SUM of floats is the server's own, and SQLite adds with compensation since 3.43: such sums are compared to twelve
 * digits. Every other float is compared bit by bit.
 */
function round(table: TableRows): TableRows {
  const at = table.columns.indexOf('total_cost');
  if (at < 0 || !table.columns.includes('request_id')) return table;
  const digits = (value: string | null) =>
    value?.startsWith('f:') ? Buffer.from(value.slice(2), 'hex').readDoubleBE().toPrecision(12) : value;
  const rows = table.rows.map((row) => row.map((value, i) => (i === at ? digits(value) : value)));
  return { ...table, rows };
}

const kept = availableServers().filter((kind): kind is keyof typeof loadReal => kind in loadReal);

describe.each(kept)('%s: real MLflow databases', (kind) => {
  let database: Database;
  afterEach(() => database.drop());

  it.each(turnsOf(kind, kept, realReleases))(
    'of MLflow %s get the rows that MLflow 3.18 gives them',
    async (release) => {
      database = await loadReal[kind](release);
      const file = new URL(`${release}.${kind}.upgraded.json`, realDatabases);
      const expected = JSON.parse(readFileSync(file, 'utf8')) as Upgraded;
      const { to } = await upgradeDatabase(database);
      expect(to).toBe(expected.revision);
      expect(goldenOf(await schemaOf(database))).toEqual(goldenAt(stateCount - 1, kind));
      expect(await alarmsIn(database)).toEqual([]);
      // The fixture was made before this moment, so its own moments count as such from the year 2020 on.
      const since = Date.UTC(2026, 0, 1);
      const ours = settle(await allRows(database), expected, since);
      const theirs = settle(expected.tables, expected, since);
      expect(Object.keys(ours).sort()).toEqual(Object.keys(theirs).sort());
      for (const [name, table] of Object.entries(theirs))
        expect(round(ours[name] as TableRows), name).toEqual(round(table));
    },
  );
});

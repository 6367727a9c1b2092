import { existsSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { expectDone, mltrack } from '../support/cli.js';
import { type Database, kinds } from '../support/databases.js';
import { bundled, thorough } from '../support/share.js';
import { daysAgo, type GcWorld, gcWorld } from './plan-world.js';

let world: GcWorld | null = null;
afterEach(() => world?.drop());

/** Metrics of one run, and of them those with a key of their own; by hand MLTRACK_METRICS=2000000. */
const metrics = Number(process.env.MLTRACK_METRICS ?? 500_000);
const keys = metrics / 10;
/** MiB; Node itself takes 50 of them. */
const most = 150;

/** Writes `n` rows on the server, from a table of numbers. */
async function fill(database: Database, table: string, n: number, cells: Record<string, string>) {
  const { quote, dialect } = kinds[database.kind];
  const digits = Array.from({ length: 10 }, (_, i) => `SELECT ${i} AS d`).join(' UNION ALL ');
  const powers = Array.from({ length: Math.log10(n) + 1 }, (_, i) => i);
  const from = powers.map((i) => `(${digits}) AS d${i}`).join(' CROSS JOIN ');
  const number = powers.map((i) => `d${i}.d * ${10 ** i}`).join(' + ');
  const values = Object.values(cells).join(', ');
  const columns = Object.keys(cells).map(quote).join(', ');
  // A statement's rows come in the order of the numbers, or in any other.
  await database.run(
    `INSERT INTO ${quote(table)} (${columns}) SELECT ${values} FROM (SELECT ${number} AS n FROM ${from}) AS numbers WHERE n < ${n}`,
    ...(dialect === 'mysql' ? [`ANALYZE TABLE ${quote(table)}`] : [`ANALYZE ${quote(table)}`]),
  );
}

/** `'m' || n` */
const keyOf = (database: Database, n: string): string =>
  kinds[database.kind].dialect === 'mysql' ? `CONCAT('m', ${n})` : `'m' || CAST(${n} AS VARCHAR(20))`;

describe.runIf(thorough && existsSync('/proc/self/status')).each(bundled())(
  '%s: one run with millions of metrics',
  (kind) => {
    it('is counted and collected in constant memory', async () => {
      world = await gcWorld(kind);
      const { database } = world;
      await world.experiment(1);
      const id = await world.run('huge', { deletedAt: daysAgo(40), metrics: 0 });
      const kept = await world.run('small');
      const no = kinds[kind].dialect === 'postgresql' ? 'false' : '0';
      const common = { value: '1.5', timestamp: 'n', is_nan: no, run_uuid: `'${id}'` };
      await fill(database, 'metrics', metrics, { key: keyOf(database, `n % ${keys}`), step: 'n', ...common });
      await fill(database, 'latest_metrics', keys, { key: keyOf(database, 'n'), step: 'n', ...common });
      const env = { NODE_OPTIONS: `--import ${new URL('../support/peak.mjs', import.meta.url).href}` };
      const base = ['gc', '--backend-store-uri', database.uri, '--older-than', '30d', '--json'];
      for (const args of [
        [...base, '--dry-run'],
        [...base, '--yes'],
      ]) {
        const began = Date.now();
        const run = await mltrack(args, { env });
        expectDone(run);
        const event = run.events.at(-1) as { rows: Record<string, number> };
        expect(event.rows).toEqual({ runs: 1, metrics, latest_metrics: keys });
        const peak = Number(/peak: (\d+)/.exec(run.stderr)?.[1]) / 1024;
        console.log(
          `${args.at(-1)} of ${metrics} metrics on ${kind}: ${((Date.now() - began) / 1000).toFixed(1)} s, ${Math.round(peak)} MiB`,
        );
        expect(peak).toBeGreaterThan(10);
        expect(peak).toBeLessThan(most);
      }
      expect(await world.values('runs', 'run_uuid')).toEqual([kept]);
      expect(await database.rows(`SELECT COUNT(*) AS n FROM metrics WHERE run_uuid = '${id}'`)).toMatchObject(
        [{ n: expect.toSatisfy((n) => Number(n) === 0) }],
      );
    }, 600_000);
  },
);

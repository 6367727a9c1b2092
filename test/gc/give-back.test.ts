import { statSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { giveBack } from '../../src/core/gc/give-back.js';
import { knownOf } from '../../src/core/gc/plan-known.js';
import { Report } from '../../src/core/gc/report.js';
import { Stop } from '../../src/core/stop.js';
import type { Session } from '../../src/dialects/dialect.js';
import { loadDialect, parseUri } from '../../src/dialects/index.js';
import { lackOfRoom } from '../../src/dialects/sqlite/give-back.js';
import { kinds, type ServerKind } from '../support/databases.js';
import { otherSession } from '../support/other-session.js';
import { createRole, grantable } from '../support/roles.js';
import { bundled, thorough } from '../support/share.js';
import { fileOf } from '../support/snapshot.js';
import { daysAgo, type GcWorld, gc, gcWorld, idOf } from './plan-world.js';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const lots = 5000;

/** A deleted run with many metrics, so that there is something to give back. */
async function world(kind: ServerKind): Promise<GcWorld> {
  const made = await gcWorld(kind);
  ends.push(() => made.drop());
  await made.experiment(1);
  await made.run('big', { deletedAt: daysAgo(40), metrics: 0 });
  await made.run('active');
  const { quote, dialect } = kinds[kind];
  const values = (n: number) =>
    `('${'k'.repeat(100)}${n}', 1, ${n}, '${idOf('big')}', 0, ${dialect === 'postgresql' ? 'false' : '0'})`;
  for (let at = 0; at < lots; at += 1000)
    await made.database.run(
      `INSERT INTO metrics (${['key', 'value', 'timestamp', 'run_uuid', 'step', 'is_nan'].map(quote).join(', ')}) VALUES ${Array.from({ length: 1000 }, (_, i) => values(at + i)).join(', ')}`,
    );
  return made;
}

/** "… 16 KiB, before 1,234 KiB …" */
const sizesIn = (said: unknown): number[] =>
  [...String(said).matchAll(/([\d,]+) KiB/g)].map(([, n]) => Number((n as string).replaceAll(',', '')));

async function open(made: GcWorld, lockWaitMs = 300): Promise<Session> {
  const uri = parseUri(made.database.uri);
  const session = await (await loadDialect(uri.dialect)).connect(uri, { lockWaitMs });
  ends.push(() => session.close());
  return session;
}

/** Gives back after the fact, with the warnings that come. */
async function given(session: Session, tables = ['metrics', 'runs'], stop = new Stop()) {
  const warnings: string[] = [];
  const report = new Report([], 1);
  for (const table of tables) report.addRows(new Map([[table, 1]]));
  const listen = (event: { event: string; message?: string }) => {
    if (event.event === 'warning') warnings.push(event.message ?? '');
  };
  await giveBack(await knownOf(session), report, { stop, listen, lockTimeoutMs: 1000 });
  return { report, warnings };
}

describe.each(bundled())('%s: --vacuum', (kind) => {
  it('gives the space back', async () => {
    const made = await world(kind);
    const size = kind === 'sqlite' ? () => statSync(fileOf(made.database)).size : null;
    const full = size?.() ?? 0;
    const { event, error, warned } = await gc(made, ['--vacuum', '--yes', '--json']);
    expect([error, event.notVacuumed, warned]).toEqual([null, [], '']);
    const [after = 0, before = 0] = sizesIn(event.vacuumed);
    expect(before).toBeGreaterThan(1000);
    // VACUUM of PostgreSQL cuts the empty end of a table off, never of an index.
    expect(after).toBeLessThan(kind === 'postgresql' ? before * 0.9 : before / 2);
    if (size) expect([Math.round(size() / 1024), Math.round(full / 1024)]).toEqual([after, before]);
    expect(await made.values('metrics', 'run_uuid')).toEqual(Array(3).fill(idOf('active')));
  });

  it.runIf(thorough || kind === 'sqlite')(
    'has nothing to do where nothing was deleted, and ends where a stop was asked for',
    async () => {
      const made = await gcWorld(kind);
      ends.push(() => made.drop());
      const { event, error } = await gc(made, ['--vacuum', '--yes', '--json']);
      expect([error, event.vacuumed]).toEqual([null, expect.stringMatching(/^no (table lost rows|page)/)]);
      const stop = new Stop();
      stop.request('SIGINT');
      await expect(given(await open(made), ['metrics'], stop)).rejects.toMatchObject({ exitCode: 130 });
    },
  );
});

const servers = bundled().filter((kind) => kinds[kind].dialect !== 'sqlite');
describe.each(servers)('%s: --vacuum without what it needs', (kind) => {
  it('warns where the account may not', async () => {
    const made = await world(kind);
    const role = await createRole(made.database);
    ends.push(() => role.drop());
    if (kind === 'postgresql') await made.database.run(`GRANT USAGE ON SCHEMA public TO ${role.name}`);
    await made.database.run(`GRANT SELECT, DELETE ON ${grantable(made.database)} TO ${role.name}`);
    const session = await role.open({ readOnly: false, untouched: false });
    ends.push(() => session.close());
    const { report, warnings } = await given(session);
    expect(report.vacuumed).toBeNull();
    expect(warnings.join('\n')).toMatch(
      kind === 'postgresql'
        ? /space was not given back: metrics, runs: only their owner may VACUUM/
        : /space was not given back: metrics: .*INSERT command denied/,
    );
    expect(report.notVacuumed.length).toBeGreaterThan(0);
  });

  it.skipIf(!thorough)('warns of the table that another session holds, and does the rest', async () => {
    const made = await world(kind);
    const other = await otherSession(made.database);
    ends.push(() => other.end());
    await other.run('BEGIN');
    await other.run(
      kind === 'postgresql'
        ? 'LOCK TABLE metrics IN SHARE UPDATE EXCLUSIVE MODE'
        : 'SELECT COUNT(*) FROM metrics',
    );
    const { event, error, warned } = await gc(made, ['--vacuum', '--yes', '--json', '--lock-timeout', '1s']);
    expect([error, event.gone]).toEqual([null, { run: 1, model: 0, experiment: 0, job: 0 }]);
    const failed = event.notVacuumed as string[];
    expect(failed[0]).toMatch(/^metrics: .*(lock timeout|Lock wait timeout)/);
    // To build a table anew MySQL waits for the tables that refer to it as well.
    if (kind === 'mysql') expect(failed[1]).toMatch(/^runs: /);
    else expect([failed.length, event.vacuumed]).toEqual([1, expect.stringMatching(/^1 table /)]);
    expect(warned + JSON.stringify(event)).not.toContain('rolled back');
  });
});

describe('sqlite: --vacuum beside others', () => {
  it('waits for nobody in WAL mode, and says that readers keep the file long', async () => {
    const made = await world('sqlite');
    const other = await otherSession(made.database);
    await other.run('PRAGMA journal_mode = WAL');
    ends.push(() => other.end());
    await other.run('BEGIN');
    await other.run('SELECT COUNT(*) FROM metrics');
    const { event, error } = await gc(made, ['--vacuum', '--yes', '--json']);
    expect([error, event.notVacuumed]).toEqual([null, []]);
    expect(statSync(fileOf(made.database)).size).toBeGreaterThan(2_000_000);
    expect(event.vacuumed).toContain('its WAL still has readers, and it shrinks when they are gone');
    await other.run('COMMIT');
    const again = await gc(made, ['--vacuum', '--yes', '--json']);
    expect(again.event.vacuumed).toBe('no page of the file is free');
    expect(statSync(fileOf(made.database)).size).toBeLessThan(1_500_000);
  });

  it('warns where a reader or a writer does not let it', async () => {
    const made = await world('sqlite');
    const session = await open(made);
    for (const begin of ['BEGIN', 'BEGIN IMMEDIATE']) {
      const other = await otherSession(made.database);
      await other.run(begin);
      await other.run('SELECT COUNT(*) FROM metrics');
      const { report, warnings } = await given(session);
      expect(report.vacuumed).toBeNull();
      expect(warnings).toEqual([expect.stringMatching(/space was not given back: .*(locked|writing|held)/)]);
      await other.end();
    }
    expect((await given(session)).report.vacuumed).toMatch(/^the file has/);
  });

  it('looks whether there is room', async () => {
    const made = await gcWorld('sqlite');
    ends.push(() => made.drop());
    const file = fileOf(made.database);
    expect(await lackOfRoom(file, 1000)).toBeNull();
    expect(await lackOfRoom(file, 1e18)).toMatch(/ has [\d,]+ KiB free, and VACUUM needs [\d,]+ KiB$/);
  });
});

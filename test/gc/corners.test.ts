import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { gcCommand } from '../../src/commands/gc.js';
import { cutoffOf } from '../../src/core/gc/durations.js';
import { Stop } from '../../src/core/stop.js';
import { kinds, type ServerKind } from '../support/databases.js';
import { bundled } from '../support/share.js';
import { daysAgo, type GcWorld, gc, gcWorld, idOf, run } from './plan-world.js';

const worlds: GcWorld[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.drop();
});

async function world(kind: ServerKind, ...runs: string[]): Promise<GcWorld> {
  const made = await gcWorld(kind);
  worlds.push(made);
  await made.experiment(1);
  for (const name of runs) await made.run(name, { deletedAt: daysAgo(40) });
  return made;
}

const reasonsOf = (event: Readonly<Record<string, unknown>>): string[] =>
  (event.kept as { id: string; reason: string }[]).map(({ id, reason }) => `${id}: ${reason}`);

describe.each(bundled())('%s: ids and names', (kind) => {
  it('takes an id for what it is, letter by letter and digit by digit', async () => {
    // `zz` is hexadecimal 7a7a: the id has letters.
    const made = await world(kind, 'zz');
    await made.experiment(7, daysAgo(40));
    const inside = await made.run('seven', { experiment: 7, deletedAt: daysAgo(40) });
    const loud = idOf('zz').toUpperCase();
    const odd = ['007', '7.0', '1e3', '99999999999', 'seven', '-7'];
    const named = await gc(made, ['--run-ids', loud, '--experiment-ids', odd.join(), '--yes', '--json']);
    expect([named.error, named.event.gone]).toEqual([null, { run: 0, model: 0, experiment: 0, job: 0 }]);
    expect(reasonsOf(named.event)).toEqual([
      `${loud}: there is no such run in workspace default`,
      ...odd.map((id) => `${id}: there is no such experiment in workspace default`),
    ]);
    const whole = await gc(made, ['--experiment-ids', '7', '--yes', '--json']);
    expect(whole.event.gone).toMatchObject({ run: 1, experiment: 1 });
    expect(await made.values('runs', 'run_uuid')).toEqual([idOf('zz')]);
    expect(inside).not.toBe(idOf('zz'));
  });
});

describe('the command line', () => {
  it('takes the database as an argument, once', async () => {
    const made = await world('sqlite', 'a');
    const done = await run([made.database.uri, '--older-than', '30d', '--yes', '--json']);
    expect([done.error, done.event.gone]).toMatchObject([null, { run: 1 }]);
    const twice = await run([made.database.uri, '--backend-store-uri', made.database.uri, '--yes']);
    expect(twice.error).toMatchObject({ exitCode: 2, message: expect.stringContaining('named twice') });
  });

  it('is quiet when it is asked to be, but for what stayed', async () => {
    const made = await world('sqlite', 'a', 'b');
    await made.database.run(
      `UPDATE runs SET artifact_uri = 'nowhere://x/${idOf('b')}/artifacts' WHERE run_uuid = '${idOf('b')}'`,
    );
    const { out, warned, error } = await gc(made, ['--yes', '--quiet']);
    expect(error).toMatchObject({ exitCode: 8 });
    expect(out).toMatch(
      /^chosen, and still there:\n {2}run \w{32} b: mltrack cannot reach artifacts at nowhere:.*\n$/,
    );
    expect(warned).toBe('');
    expect((await gc(made, ['--dry-run', '--quiet'])).out).toBe('');
  });

  it('shows names that would move a cursor or begin a line as they are written', async () => {
    const names = ['two\nlines', '\u001b[31mred', '\u202eback', '訓練🚀', `${'x'.repeat(250)}`];
    const made = await world('sqlite');
    for (const [i, name] of names.entries()) {
      const id = await made.run(`r${i}`, { deletedAt: daysAgo(40), files: 0 });
      await made.database.run(`UPDATE runs SET name = '${name}' WHERE run_uuid = '${id}'`);
    }
    const { out } = await gc(made, ['--dry-run']);
    const lines = out.split('\n').filter((line) => /^ {2}\w{32} /.test(line));
    expect(lines.map((line) => line.slice(35).replace(/: deleted .*/, ''))).toEqual([
      ...['two\\nlines', '\\u001b[31mred', '\\u202eback', '訓練🚀', 'x'.repeat(250)],
    ]);
    const { event } = await gc(made, ['--dry-run', '--json']);
    expect((event.items as { name: string }[]).map(({ name }) => name)).toEqual(names);
  });

  it('writes JSON whose keys docs/gc.md lists', async () => {
    const made = await world('sqlite', 'a');
    await made.database.run("INSERT INTO input_tags (input_uuid, name, value) VALUES ('x', 'n', 'v')");
    const manual = readFileSync('docs/gc.md', 'utf8');
    const plan = await gc(made, ['--orphans', '--dry-run', '--json']);
    const done = await gc(made, ['--orphans', '--yes', '--json']);
    expect([plan.error, done.error]).toEqual([null, null]);
    const [first] = plan.event.items as object[];
    const keys = [plan.event, plan.event.identity, plan.event.choices, first, done.event].flatMap((one) =>
      Object.keys(one as object),
    );
    expect(keys.length).toBeGreaterThan(30);
    for (const key of new Set(keys)) expect(manual, key).toContain(`\`${key}\``);
  });

  it('has help in which every option has its line and its environment', () => {
    const help = gcCommand(new Stop()).configureHelp({ helpWidth: 160 }).helpInformation();
    for (const option of gcCommand(new Stop()).options) {
      expect(help).toContain(option.flags);
      expect(option.description, option.flags).toMatch(/^\S.{5,150}$/);
    }
    expect(help).toMatch(/^Usage: gc \[options\] \[db_uri\]/);
    for (const name of ['BACKEND_STORE_URI', 'ARTIFACTS_DESTINATION', 'TRACKING_URI', 'WORKSPACE'])
      expect(help).toContain(`MLFLOW_${name}`);
  });

  it('reads the same moment in every time zone and on the days when clocks change', () => {
    const now = Date.parse('2026-03-29T12:00:00Z');
    const ages = ['1d', '24h', 'P1D', 'P1M', '2026-03-29', '2026-03-08 02:30', '2026-03-28T23:00:00-05:00'];
    const read = (zone: string) => {
      vi.stubEnv('TZ', zone);
      return ages.map((age) => cutoffOf(age, now));
    };
    const utc = read('UTC');
    expect(utc.slice(0, 3)).toEqual(Array(3).fill(now - 86_400_000));
    for (const zone of ['America/New_York', 'Europe/Berlin', 'Pacific/Kiritimati', 'Asia/Kathmandu'])
      expect(read(zone), zone).toEqual(utc);
    vi.unstubAllEnvs();
  });
});

describe('a stamp that is not the schema’s', () => {
  it.each([
    // The newest revision changes nothing on SQLite.
    ['f4a9b2c7d1e6', '7f2a7d5fae7d', 'exactly that of 8b6ad64cb8f5'],
    ['400f98739977', '3500859a5d39', 'exactly that of 400f98739977'],
    ['bda7b8c39065', '0c779009ac13', 'exactly that of bda7b8c39065'],
  ])('is refused: %s, stamped %s', async (real, stamp, says) => {
    const made = await gcWorld('sqlite', real);
    worlds.push(made);
    await made.experiment(1);
    await made.run('old', { deletedAt: daysAgo(40) });
    await made.database.run(`UPDATE alembic_version SET version_num = '${stamp}'`);
    const { error } = await gc(made, ['--yes']);
    expect(error).toMatchObject({
      exitCode: 10,
      message: expect.stringContaining(says),
    });
    expect(await made.values('runs', 'name')).toEqual(['old']);
    await made.database.run(`UPDATE alembic_version SET version_num = '${real}'`);
    expect((await gc(made, ['--yes'])).error).toBeNull();
  });
});

describe.runIf(bundled().includes('postgresql'))('postgresql: another schema than public', () => {
  it('is the one that the search path names first', async () => {
    const made = await world('postgresql', 'a');
    const tables = await made.database.rows(
      "SELECT tablename AS t FROM pg_tables WHERE schemaname = 'public'",
    );
    await made.database.run(
      'CREATE SCHEMA "Team 7"',
      ...tables.map(({ t }) => `ALTER TABLE ${kinds.postgresql.quote(String(t))} SET SCHEMA "Team 7"`),
      // A stranger of the same name in public is nobody's run.
      'CREATE TABLE public.runs (run_uuid VARCHAR(32), lifecycle_stage VARCHAR(20))',
      "INSERT INTO public.runs VALUES ('x', 'deleted')",
    );
    const uri = `${made.database.uri}?options=-csearch_path%3D%22Team%5C%207%22`;
    const done = await run([uri, '--vacuum', '--yes', '--json']);
    expect([done.error, done.event.gone, done.event.notVacuumed]).toMatchObject([null, { run: 1 }, []]);
    expect(await made.database.rows('SELECT run_uuid FROM public.runs')).toEqual([{ run_uuid: 'x' }]);
    expect(await made.database.rows('SELECT run_uuid FROM "Team 7".runs')).toEqual([]);
    rmSync(join(made.root, '1'), { recursive: true });
  });
});

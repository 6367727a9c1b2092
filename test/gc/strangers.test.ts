import { afterEach, describe, expect, it } from 'vitest';
import { kinds, type ServerKind } from '../support/databases.js';
import { bundled, thorough } from '../support/share.js';
import { daysAgo, type GcWorld, gc, gcWorld, idOf } from './plan-world.js';

const worlds: GcWorld[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.drop();
});

async function world(kind: ServerKind, revision?: string): Promise<GcWorld> {
  const made = await gcWorld(kind, revision);
  worlds.push(made);
  await made.experiment(1);
  for (const name of ['free', 'noted', 'liked', 'marked']) await made.run(name, { deletedAt: daysAgo(40) });
  return made;
}

/** A user's table whose rows name a run. */
const table = (name: string, action: string): string =>
  `CREATE TABLE ${name} (id INTEGER PRIMARY KEY, run VARCHAR(32), note VARCHAR(40), FOREIGN KEY (run) REFERENCES runs (run_uuid) ${action})`;
const row = (name: string, id: number, run: string): string =>
  `INSERT INTO ${name} VALUES (${id}, '${idOf(run)}', 'x')`;

const reasons = (event: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(
    (event.kept as { name: string; reason: string }[]).map(({ name, reason }) => [name, reason]),
  );

/** Revisions that brought deleted_time, logged models, workspaces, traces' own tables, and the newest. */
const revisions = ['0c779009ac13', '2d6e25af4d3e', '400f98739977', 'bda7b8c39065', 'f4a9b2c7d1e6'];

describe.each(bundled())('%s: what is the user’s own', (kind) => {
  it('keeps what its foreign keys need, and goes along where it says so', async () => {
    const made = await world(kind);
    await made.database.run(
      ...[table('notes', ''), table('likes', 'ON DELETE CASCADE'), table('marks', 'ON DELETE SET NULL')],
      'CREATE TABLE apart (id INTEGER PRIMARY KEY, run VARCHAR(32))',
      'ALTER TABLE runs ADD COLUMN team VARCHAR(20)',
      ...[row('notes', 1, 'noted'), row('likes', 1, 'liked'), row('likes', 2, 'free')],
      ...[row('marks', 1, 'marked'), `INSERT INTO apart VALUES (1, '${idOf('free')}')`],
    );
    const says = { noted: 'rows of notes still need it' };
    const dry = await gc(made, ['--dry-run', '--json']);
    expect([dry.error, reasons(dry.event)]).toEqual([null, says]);
    expect(dry.event.rows).toMatchObject({ runs: 3, likes: 2 });

    const done = await gc(made, ['--yes', '--json']);
    expect([done.error, reasons(done.event)]).toEqual([null, says]);
    expect(done.event).toMatchObject({ gone: { run: 3 }, rows: dry.event.rows });
    expect(await made.values('runs', 'run_uuid')).toEqual([idOf('noted')]);
    expect(made.has(1, idOf('noted'), 'artifacts', 'f1')).toBe(true);
    expect(await made.database.rows('SELECT id, run FROM marks')).toEqual([{ id: 1, run: null }]);
    expect(await made.database.rows('SELECT * FROM likes')).toEqual([]);
    for (const name of ['notes', 'apart']) expect(await made.values(name, 'id')).toEqual(['1']);
    const orphans = await gc(made, ['--orphans', '--yes', '--json']);
    expect([orphans.error, orphans.event.orphans]).toEqual([null, {}]);
    expect(await made.values('apart', 'id')).toEqual(['1']);
  });

  it.runIf(thorough || kind === 'sqlite')(
    'keeps an experiment whole that holds such a run, and one that is needed itself',
    async () => {
      const made = await world(kind);
      await made.experiment(2, daysAgo(40));
      await made.experiment(3, daysAgo(40));
      const inside = await made.run('inside', { experiment: 2, deletedAt: daysAgo(40) });
      await made.database.run(
        ...[table('notes', ''), row('notes', 1, 'inside')],
        'CREATE TABLE boards (id INTEGER PRIMARY KEY, e INTEGER, FOREIGN KEY (e) REFERENCES experiments (experiment_id))',
        'INSERT INTO boards VALUES (1, 3)',
      );
      const done = await gc(made, ['--yes', '--json']);
      expect(done.event).toMatchObject({ gone: { run: 4, experiment: 0 }, failed: [] });
      expect(reasons(done.event)).toEqual({
        inside: 'rows of notes still need it',
        e2: `it holds run ${inside}, and rows of notes still need it`,
        e3: 'rows of boards still need it',
      });
    },
  );

  it.runIf(thorough)('keeps what tables on tables need, and what came after the plan', async () => {
    const made = await world(kind);
    await made.database.run(
      table('likes', 'ON DELETE CASCADE'),
      'CREATE TABLE replies (id INTEGER PRIMARY KEY, likes_id INTEGER, FOREIGN KEY (likes_id) REFERENCES likes (id) ON DELETE CASCADE)',
      'CREATE TABLE tree (id INTEGER PRIMARY KEY, up INTEGER, run VARCHAR(32), FOREIGN KEY (up) REFERENCES tree (id) ON DELETE CASCADE, FOREIGN KEY (run) REFERENCES runs (run_uuid) ON DELETE CASCADE)',
      row('likes', 1, 'liked'),
      `INSERT INTO tree VALUES (1, NULL, '${idOf('marked')}')`,
    );
    const file = `${made.root}/plan.json`;
    expect((await gc(made, ['--plan', file])).error).toBeNull();
    await made.database.run(table('notes', ''), row('notes', 1, 'noted'));
    const done = await gc(made, ['--apply-plan', file, '--yes', '--json']);
    expect([done.error, done.event.gone]).toEqual([null, { run: 1, model: 0, experiment: 0, job: 0 }]);
    expect(await made.values('runs', 'name')).toEqual(['liked', 'marked', 'noted']);
    expect([made.has(1, idOf('liked'), 'artifacts', 'f1'), made.has(1, idOf('noted'), 'artifacts')]).toEqual([
      true,
      true,
    ]);
  });

  it.runIf(thorough).each(revisions)('is minded at revision %s too', async (revision) => {
    const made = await world(kind, revision);
    await made.database.run(
      ...[table('notes', ''), row('notes', 1, 'noted'), 'ALTER TABLE experiments ADD COLUMN mine INTEGER'],
    );
    const done = await gc(made, ['--yes', '--json']);
    expect([done.error, reasons(done.event)]).toEqual([null, { noted: 'rows of notes still need it' }]);
    expect(await made.values('runs', 'name')).toEqual(['noted']);
  });
});

/** Where a table of another schema, which mltrack does not look into, refers to MLflow's. */
const elsewhere = bundled().filter((kind) => kinds[kind].dialect !== 'sqlite');
describe.runIf(thorough).each(elsewhere)('%s: a foreign key from another schema', (kind) => {
  it('keeps the run, with the rest going on', async () => {
    const made = await world(kind);
    const schema = `aside_${Date.now()}`;
    const here = kinds[kind].dialect === 'mysql' ? new URL(made.database.uri).pathname.slice(1) : 'public';
    await made.database.run(
      `CREATE SCHEMA ${schema}`,
      `CREATE TABLE ${schema}.notes (id INTEGER PRIMARY KEY, run VARCHAR(32), FOREIGN KEY (run) REFERENCES ${here}.runs (run_uuid))`,
      `INSERT INTO ${schema}.notes VALUES (1, '${idOf('noted')}')`,
    );
    try {
      const rows = await gc(made, [
        '--keep-artifacts',
        '--run-ids',
        `${idOf('noted')},${idOf('free')}`,
        '--yes',
        '--json',
      ]);
      expect([rows.error, reasons(rows.event)]).toEqual([null, { noted: 'rows of notes still need it' }]);
      const all = await gc(made, ['--yes', '--json']);
      expect(all.error).toMatchObject({ exitCode: 8 });
      expect(all.event).toMatchObject({
        gone: { run: 2 },
        failed: [
          { name: 'noted', reason: 'rows of notes still need it: it is kept, but 2 of its files are gone' },
        ],
      });
    } finally {
      await made.database.run(`DROP TABLE ${schema}.notes`, `DROP SCHEMA ${schema}`);
    }
  });
});

import { afterEach, describe, expect, it } from 'vitest';
import { seed } from '../support/additions.js';
import { availableServers, type Database, databaseAt, kinds } from '../support/databases.js';
import { allRows } from '../support/rows.js';
import { longRunners, thorough } from '../support/share.js';
import { damage, goldenHead, head, oneOfEach, repairDatabase, rowsOf, shapeOf } from './repair.js';

const metrics = (quote: (name: string) => string): string[] => [
  `INSERT INTO metrics (${quote('key')}, value, timestamp, run_uuid, step, is_nan) VALUES ('m', 0.5, 1, 'r1', 0, ${quote === kinds.postgresql.quote ? 'false' : '0'})`,
];

describe.each(availableServers())('%s: db repair', (kind) => {
  let database: Database;
  afterEach(() => database.drop());

  it('repairs one of each kind of drift at once, and keeps every row', async () => {
    database = await databaseAt(kind, head);
    await database.run(...seed(kind));
    const made = oneOfEach(kind, ['experiments', 'runs', 'params', 'alembic_version']);
    expect(made.length).toBeGreaterThan(12);
    await database.run(...made.flatMap(({ statements }) => statements));
    const damaged = await allRows(database);
    const before = await rowsOf(database);
    const { found, repaired, left } = await repairDatabase(database);
    expect(left).toEqual([]);
    expect(repaired.length).toBe(found.length);
    expect(found.length).toBeGreaterThanOrEqual(made.length);
    expect(await shapeOf(database)).toEqual(goldenHead(kind));
    const after = await rowsOf(database, damaged);
    for (const [table, rows] of Object.entries(before)) expect(after[table], table).toEqual(rows);
    expect(Object.values(before).flat().length).toBeGreaterThan(4);
  });
});

describe.runIf(thorough).each(longRunners())('%s: db repair', (kind) => {
  const { quote } = kinds[kind];
  let database: Database;
  afterEach(() => database.drop());

  it('keeps values through a change of type and back, and what is beside it', async () => {
    database = await databaseAt(kind, head);
    await database.run(
      ...damage(kind, 'type', 'params', 'value').statements,
      ...damage(kind, 'type', 'metrics', 'step').statements,
      ...damage(kind, 'drop foreign key', 'params').statements,
      ...damage(kind, 'drop index', 'metrics', 'index_metrics_run_uuid').statements,
      ...seed(kind),
      ...metrics(quote),
    );
    const { left, repaired } = await repairDatabase(database);
    expect(left).toEqual([]);
    expect(repaired.length).toBeGreaterThan(2);
    expect(await shapeOf(database)).toEqual(goldenHead(kind));
    const values = await database.rows('SELECT value FROM params');
    expect(values.map(({ value }) => value).sort()).toEqual(['0.1', 'ünï']);
    const [row] = await database.rows('SELECT step, value FROM metrics');
    expect([Number(row?.step), row?.value]).toEqual([0, 0.5]);
  });

  it('leaves alone what rows stand against, says which, and repairs the rest', async () => {
    database = await databaseAt(kind, head);
    await database.run(...seed(kind));
    await database.run(
      ...damage(kind, 'drop foreign key', 'tags').statements,
      ...damage(kind, 'null', 'experiments', 'name').statements,
      ...damage(kind, 'drop check', 'runs', 'source_type').statements,
      ...damage(kind, 'drop foreign key', 'latest_metrics').statements,
      ...damage(kind, 'drop index', 'metrics', 'index_metrics_run_uuid').statements,
    );
    await database.run(
      `INSERT INTO tags (${quote('key')}, value, run_uuid) VALUES ('a', 'b', 'gone'), ('b', 'b', 'gone'), ('c', 'b', 'lost')`,
      'INSERT INTO experiments (experiment_id, name) VALUES (7, NULL)',
      "INSERT INTO runs (run_uuid, source_type) VALUES ('odd', 'ABACUS')",
    );
    const before = await rowsOf(database);
    const { left, repaired } = await repairDatabase(database);
    const said = left.map(({ finding, why }) => `${finding.rule} ${finding.table}: ${why}`).sort();
    expect(said).toEqual([
      expect.stringMatching(/^check-missing runs: .*do not fulfil.*\(1: odd\)/),
      expect.stringMatching(/^column-nullable experiments: .*may not be NULL.*\(1: null\)/),
      expect.stringMatching(/^foreign-key-missing tags: .*point to rows of runs.*\(3: gone, lost\)/),
    ]);
    expect(repaired.map(({ rule }) => rule).sort()).toEqual(
      expect.arrayContaining(['foreign-key-missing', 'index-missing']),
    );
    expect(await rowsOf(database)).toEqual(before);
    // When the rows are put right, the rest goes too.
    await database.run(
      "DELETE FROM tags WHERE run_uuid IN ('gone', 'lost')",
      'DELETE FROM experiments WHERE name IS NULL',
      "DELETE FROM runs WHERE run_uuid = 'odd'",
    );
    expect((await repairDatabase(database)).left).toEqual([]);
    expect(await shapeOf(database)).toEqual(goldenHead(kind));
  });

  it('drops nothing of the user’s, and lets MLflow insert again beside it', async () => {
    database = await databaseAt(kind, head);
    const golden = goldenHead(kind);
    await database.run(
      'ALTER TABLE tags ADD COLUMN mine INTEGER NOT NULL'.replace(
        'NOT NULL',
        kind === 'sqlite' ? 'DEFAULT 1' : 'NOT NULL',
      ),
      'CREATE INDEX my_index ON runs (status, name)',
      ...damage(kind, 'drop index', 'metrics', 'index_metrics_run_uuid').statements,
    );
    const { left, repaired } = await repairDatabase(database);
    expect(left).toEqual([]);
    expect(repaired.length).toBe(kind === 'sqlite' ? 1 : 2);
    const { runs, tags, ...rest } = await shapeOf(database);
    const { runs: _runs, tags: _tags, ...others } = golden;
    expect(rest).toEqual(others);
    expect(JSON.stringify(runs)).toContain('my_index');
    expect(tags?.columns.find(({ name }) => name === 'mine')).toMatchObject({
      nullable: true,
    });
  });

  it.skipIf(!kinds[kind].strict)('no value is cut, none is rounded', async () => {
    database = await databaseAt(kind, head);
    const long = 'x'.repeat(300);
    await database.run(
      ...seed(kind),
      ...damage(kind, 'longer', 'runs', 'name').statements,
      kind === 'postgresql'
        ? 'ALTER TABLE runs ALTER COLUMN start_time TYPE double precision'
        : 'ALTER TABLE runs MODIFY start_time DOUBLE',
      'UPDATE runs SET start_time = 1.5',
    );
    const room = await database.rows('SELECT name FROM runs');
    expect(room.length).toBe(2);
    await database.run(`UPDATE runs SET name = '${long.slice(0, 251)}' WHERE run_uuid = 'r1'`);
    const before = await rowsOf(database);
    const { left } = await repairDatabase(database);
    expect(left.map(({ finding, why }) => `${finding.id} ${why}`).sort()).toEqual([
      expect.stringMatching(/^column-length:runs\.name .*not be the same.*\(1: r1\)/),
      expect.stringMatching(/^column-type:runs\.start_time .*not be the same.*\(2: r1, r2\)/),
    ]);
    expect(await rowsOf(database)).toEqual(before);
  });
});

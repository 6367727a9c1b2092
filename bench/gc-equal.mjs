/** The tables in which a run has rows, and the column that names it. */
const ofRun = { runs: 'run_uuid', metrics: 'run_uuid', latest_metrics: 'run_uuid', params: 'run_uuid' };
const tables = { ...ofRun, tags: 'run_uuid', inputs: 'destination_id' };
/** What `mlflow gc` leaves behind (docs/gc.md, "Not as in mlflow gc"). */
const leaves = ['inputs', 'input_tags'];

const slices = Array.from({ length: 256 }, (_, n) => n.toString(16).padStart(2, '0'));
const rowsIn = (session, table, column, n) =>
  session.query(
    `SELECT * FROM ${table} WHERE ${column} >= ? ${n < 255 ? `AND ${column} < ?` : ''}`,
    slices.slice(n, n + 2),
  );
const textOf = (row) =>
  JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? String(value) : value));

/** Ids that are rows of `runs`, of those asked for. */
export async function runsIn(session) {
  const rows = await session.query("SELECT run_uuid AS id FROM runs WHERE lifecycle_stage = 'deleted'");
  return new Set(rows.map(({ id }) => id));
}

/**
 * Compares what two collections of the same database left, row by row.
 *
 * @param gone ids that both took: nothing of them may be in `ours`, in `theirs` only what `mlflow gc` leaves
 * @param chosen ids that `ours` took, and `theirs` would have in time: their rows in `theirs` do not count
 */
export async function compare(ours, theirs, gone, chosen) {
  const count = { rows: 0, different: 0, left: 0, leftByMlflow: 0 };
  const inputs = new Map();
  const judge = (table, mine, other, runOf) => {
    const kept = [];
    for (const row of other) {
      const run = runOf(row);
      if (!chosen.has(run)) kept.push(textOf(row));
      else if (gone.has(run)) count[leaves.includes(table) ? 'leftByMlflow' : 'left']++;
    }
    count.left += mine.filter((row) => chosen.has(runOf(row))).length;
    const [a, b] = [mine.map(textOf).sort(), kept.sort()];
    count.rows += b.length;
    if (a.length !== b.length || a.some((text, i) => text !== b[i])) count.different++;
  };
  for (const [table, column] of Object.entries(tables))
    for (let n = 0; n < 256; n++) {
      const [mine, other] = [await rowsIn(ours, table, column, n), await rowsIn(theirs, table, column, n)];
      judge(table, mine, other, (row) => row[column]);
      if (table === 'inputs') for (const row of other) inputs.set(row.input_uuid, row[column]);
    }
  for (let n = 0; n < 256; n++)
    judge(
      'input_tags',
      await rowsIn(ours, 'input_tags', 'input_uuid', n),
      await rowsIn(theirs, 'input_tags', 'input_uuid', n),
      ({ input_uuid }) => inputs.get(input_uuid),
    );
  const others = (await ours.tableNames()).filter((table) => !(table in tables) && table !== 'input_tags');
  for (const table of others)
    judge(
      table,
      await ours.query(`SELECT * FROM ${table}`),
      await theirs.query(`SELECT * FROM ${table}`),
      () => null,
    );
  return count;
}

/** Rows by table. */
export async function counts(session) {
  const found = {};
  for (const table of (await session.tableNames()).sort())
    found[table] = Number((await session.query(`SELECT COUNT(*) AS n FROM ${table}`))[0].n);
  return found;
}

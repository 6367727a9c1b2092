// `mltrack gc` beside real `mlflow gc` on copies of the same database: 10,000 deleted runs among 50,000, 2 million
// metrics, a few small local files with each run. MLflow gets a budget of time, not all the runs; its rate is taken
// between its first and its last run, so that starting counts against mltrack alone. What both took is compared row by
// row. Linux. Needs `npm run build`, MLFLOW (the path of `mlflow`) and, for servers, what bench/server.mjs says.
// ARTIFACTS: where the files go, else TMPDIR; mltrack removes nothing below /dev, so a TMPDIR in /dev/shm needs it.
// Usage: MLFLOW=… node bench/gc.mjs [--runs 50000] [--budget 120] [sqlite|postgresql|mysql|mariadb …]
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compare, counts, runsIn } from './gc-equal.mjs';
import { filesOfRun, fillFiles, fillRuns } from './gc-fill.mjs';
import { modules } from './modules.mjs';
import { startServer } from './server.mjs';
import { watched } from './watched.mjs';

const aim = { times: 100, megabytes: 150 };
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: 'string', default: '50000' }, budget: { type: 'string', default: '120' } },
});
const runs = Number(values.runs);
const bin = fileURLToPath(new URL(process.env.MLTRACK_BIN ?? '../bin/mltrack.js', import.meta.url));
const [{ loadDialect, parseUri }] = await modules('dialects/index');
const mlflow = process.env.MLFLOW;
if (!mlflow) throw new Error('MLFLOW names no mlflow: give the path of the program, MLFLOW=/venv/bin/mlflow');

const ours = (uri, ...options) =>
  watched(process.execPath, [bin, 'gc', '--backend-store-uri', uri, ...options]);

async function using(uri, work) {
  const parsed = parseUri(uri);
  const session = await (await loadDialect(parsed.dialect)).connect(parsed, { lockWaitMs: 60_000 });
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

/** A database at the head, filled. */
async function filled(server, kind, root) {
  const uri = await server.fresh();
  await watched(process.execPath, [bin, 'db', 'upgrade', uri, '--quiet']);
  await using(uri, async (session) => {
    for (const sql of fillRuns(kind, runs, root)) await session.query(sql);
    for (const table of ['runs', 'metrics', 'latest_metrics', 'params', 'tags', 'inputs'])
      await session.analyze(table);
  });
  return uri;
}

const deletedOf = (uri) =>
  using(uri, (session) =>
    session.query(
      "SELECT run_uuid AS run, experiment_id AS experiment FROM runs WHERE lifecycle_stage = 'deleted'",
    ),
  );

const filesBelow = (root) =>
  readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length;

/** `mlflow gc` for its time, `mltrack gc` to the end, and what became of both. */
async function once(server, kind, root) {
  const first = await filled(server, kind, root);
  const second = await server.fresh();
  if (kind === 'sqlite') copyFileSync(first.replace('sqlite:///', ''), second.replace('sqlite:///', ''));
  const other = kind === 'sqlite' ? second : await filled(server, kind, root);
  const chosen = await deletedOf(first);
  const ids = new Set(chosen.map(({ run }) => run));
  fillFiles(chosen, root);
  const theirs = await watched(mlflow, ['gc', '--backend-store-uri', other, '--tracking-uri', other], {
    wanted: /permanently deleted/,
    budget: Number(values.budget),
  });
  const still = await using(other, runsIn);
  const gone = new Set([...ids].filter((id) => !still.has(id)));
  if (gone.size < 2) throw new Error(`mlflow gc took ${gone.size} runs\n${theirs.errors}`);
  rmSync(root, { recursive: true, force: true });
  const made = fillFiles(chosen, root);
  const load = loadavg()[0];
  const dry = await ours(first, '--dry-run', '--json');
  const whole = await ours(first, '--yes', '--quiet');
  const left = filesBelow(root);
  const same = await using(first, (a) => using(other, (b) => compare(a, b, gone, ids)));
  const alone = await ours(other, '--yes', '--quiet', '--keep-artifacts');
  const orphans = await ours(other, '--yes', '--quiet', '--keep-artifacts', '--orphans');
  const [a, b] = [await using(first, counts), await using(other, counts)];
  return {
    ...{ theirs, dry, whole, alone, orphans, load, gone: gone.size, all: ids.size, rest: still.size },
    faults: [
      ...(left > 0 || made !== ids.size * filesOfRun ? [`${left} of ${made} files are left`] : []),
      ...(same.left > 0 ? [`${same.left} rows of collected runs are left`] : []),
      ...(same.different > 0 ? [`${same.different} pieces of tables differ`] : []),
      ...(JSON.stringify(a) === JSON.stringify(b) ? [] : ['the two ended with other numbers of rows']),
    ],
    same,
  };
}

const number = (n, digits = 0) => n.toLocaleString('en-US', { maximumFractionDigits: digits });

function report(name, result) {
  const { theirs, dry, whole, alone, orphans, gone, all, rest, same, faults, load } = result;
  const rate = { mlflow: (theirs.lines - 1) / (theirs.last - theirs.first), ours: all / whole.seconds };
  const cpu = {
    mlflow: ((theirs.cpu - theirs.cpuAtFirst) / (theirs.lines - 1)) * 1000,
    ours: (whole.cpu / all) * 1000,
  };
  const times = rate.ours / rate.mlflow;
  console.log(
    `| ${name} | ${number(load, 1)} | ${number(gone)} | ${number(rate.mlflow, 1)} | ${number(rate.ours)} | ${number(times)}${times < aim.times ? '' : ' ✓'} | ${number(cpu.mlflow / cpu.ours)} | ${number(rest / alone.seconds)} | ${number(theirs.peakMb)} | ${number(whole.peakMb)}${whole.peakMb > aim.megabytes ? '' : ' ✓'} | ${number(dry.seconds, 1)} | ${number(orphans.seconds, 1)} | ${faults.length > 0 ? faults.join('; ') : `${number(same.rows)} rows equal`}, MLflow left ${number(same.leftByMlflow)} rows |`,
  );
  return faults.length === 0;
}

console.log(
  '| server | load | MLflow took, runs | MLflow, runs/s | mltrack, runs/s | times | times by CPU | rows alone, runs/s | MLflow, MB | mltrack, MB | --dry-run, s | --orphans, s | both compared |',
);
console.log('|---|---|---|---|---|---|---|---|---|---|---|---|---|');
let equal = 0;
const kinds = positionals.length > 0 ? positionals : ['sqlite', 'postgresql', 'mysql', 'mariadb'];
for (const kind of kinds) {
  const root = mkdtempSync(join(process.env.ARTIFACTS ?? tmpdir(), 'mltrack-bench-gc-'));
  const server = await startServer(kind);
  try {
    if (report(`${kind} ${server.version}`.trim(), await once(server, kind, root))) equal++;
  } finally {
    await server.stop();
    rmSync(root, { recursive: true, force: true });
  }
}
console.log(`\nbench/gc: ${equal} of ${kinds.length} equal`);
if (equal < kinds.length) process.exitCode = 1;

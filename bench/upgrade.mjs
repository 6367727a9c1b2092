// `mltrack db upgrade` beside real `mlflow db upgrade` and beside hand-written SQL (the floor), in turn on copies of
// databases that real MLflow built at the revisions of old releases, filled by bench/upgrade-fill.mjs: scales 1, 10
// and 30 are 200 thousand, 2 and 6 million metrics, and 1, 10 and 30 thousand traces with 8 spans each where the
// release has them; `noop` is a database at the head, `empty` one without tables. What all three come to is compared,
// rows and schema; the exit code is 1 where mltrack's differs from MLflow's. Times are wall time, and the processor's
// of the client and the server together, which holds on a busy machine; memory is the client's peak.
// Results are written after every case; an interrupted run goes on where --out has its JSON, unless --again.
// Linux. Needs `npm run build`, MLFLOW_PYTHON (a Python that has MLflow, psycopg2 and pymysql), sqlite3, psql and
// mariadb on PATH, and the servers as fixtures/tools/servers.py looks for them (MLTRACK_MYSQL_ROOT, MLTRACK_PG_BIN).
// Usage: MLFLOW_PYTHON=… node bench/upgrade.mjs [--dialects sqlite,postgresql,mysql,mariadb]
//          [--states noop,empty,1.2,2.0,3.1,3.10,3.16] [--scales 1,10,30] [--cases sqlite/1.2/10,…]
//          [--mltrack DIR] [--limit SECONDS] [--out DIR] [--again] [--steps]
//          --mltrack: another checkout's build; --limit: when MLflow is killed; --cases: these alone;
//          --steps: of cases that have results, take again only what each step of mltrack takes
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runCase, runSteps } from './upgrade-case.mjs';
import { chart } from './upgrade-chart.mjs';
import { states } from './upgrade-fill.mjs';
import { startMeasure } from './upgrade-measure.mjs';
import { line, tables } from './upgrade-results.mjs';
import { startUpgradeServer } from './upgrade-server.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const { values } = parseArgs({
  options: {
    dialects: { type: 'string', default: 'sqlite,postgresql,mysql,mariadb' },
    states: { type: 'string', default: 'noop,empty,1.2,2.0,3.1,3.10,3.16' },
    scales: { type: 'string', default: '1,10,30' },
    cases: { type: 'string' },
    mltrack: { type: 'string', default: join(here, '..') },
    limit: { type: 'string', default: '300' },
    out: { type: 'string', default: here },
    again: { type: 'boolean', default: false },
    steps: { type: 'boolean', default: false },
  },
});
const python = process.env.MLFLOW_PYTHON;
if (!python) throw new Error('MLFLOW_PYTHON names no Python: give one that has MLflow, /venv/bin/python');
process.env.MLTRACK_PYTHON ??= python;
process.env.MLFLOW_DISABLE_TELEMETRY = 'true';

const revisions = { ...states, empty: null };
const rowless = ['noop', 'empty'];
const list = (text) => text.split(',');
const wanted = values.cases
  ? list(values.cases).map((one) => one.split('/'))
  : list(values.dialects).flatMap((kind) =>
      list(values.states).flatMap((state) =>
        (rowless.includes(state) ? ['0'] : list(values.scales)).map((scale) => [kind, state, scale]),
      ),
    );
for (const [, state] of wanted)
  if (!(state in revisions)) throw new Error(`no state ${state}: ${Object.keys(revisions).join(', ')}`);

const checkout = resolve(values.mltrack);
const bin = join(checkout, 'bin/mltrack.js');
const git = (...args) => execFileSync('git', ['-C', checkout, ...args], { encoding: 'utf8' }).trim();
const path = (name) => join(resolve(values.out), name);
const json = path('upgrade-results.json');
const results = existsSync(json) ? JSON.parse(readFileSync(json, 'utf8')) : { cases: {} };
const commit = git('rev-parse', '--short', 'HEAD');
results.about = {
  ...{ node: process.version, limit: Number(values.limit) },
  mlflow: execFileSync(python, ['-c', 'import importlib.metadata as m; print(m.version("mlflow"))'], {
    encoding: 'utf8',
  }).trim(),
  machine: `${cpus().length} × ${cpus()[0].model}`,
};

/** Everything at once, so that an interrupted run leaves what it has. */
function save() {
  writeFileSync(json, `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(path('upgrade-results.md'), tables(results));
  writeFileSync(path('upgrade.svg'), chart(results));
}

const measure = startMeasure();
const folder = mkdtempSync(join(tmpdir(), 'mltrack-upgrade-'));
const key = (parts) => parts.join('/');
try {
  for (const kind of [...new Set(wanted.map(([name]) => name))]) {
    const has = (one) => results.cases[key(one)] !== undefined;
    const due = wanted.filter((one) => one[0] === kind && (values.again || values.steps === has(one)));
    if (due.length === 0) continue;
    const server = await startUpgradeServer(kind);
    try {
      await server.ask('build', { name: 'head', revision: revisions.noop, statements: [] });
      for (const one of due) {
        const [, state, scale] = one;
        const rounds = rowless.includes(state) ? 5 : 1;
        const options = {
          kind,
          state,
          scale: Number(scale),
          limit: Number(values.limit),
          bin,
          folder,
          rounds,
        };
        try {
          if (values.steps) results.cases[key(one)].steps = await runSteps(server, options);
          else results.cases[key(one)] = { commit, ...(await runCase(server, measure, options)) };
        } catch (error) {
          process.exitCode = 1;
          console.error(`${key(one)} could not be measured: ${error.message}`);
          continue;
        }
        console.log(line(results.cases[key(one)]));
        save();
      }
    } finally {
      await server.stop();
    }
  }
} finally {
  measure.stop();
  // As `npm run lint` wants the files that are committed.
  if (resolve(values.out) === resolve(here))
    execFileSync('npx', ['biome', 'format', '--write', json, path('upgrade-results.md')], { cwd: here });
  rmSync(folder, { recursive: true, force: true });
}
if (wanted.some((one) => results.cases[key(one)]?.differences.length > 0)) process.exitCode = 1;

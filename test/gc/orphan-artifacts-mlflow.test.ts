import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mlflowPython } from '../support/mlflow-artifacts-server.js';
import { fates, momentBetween, orphansIn } from './orphan-world.js';
import { run } from './plan-world.js';

const python = mlflowPython();
if (!python)
  process.stderr.write('\n!!! MLTRACK_CI_VENV is not set: orphans of real MLflow are LEFT OUT\n\n');

/** What MLflow 3.18 itself writes: two of each kind, of which the first one's rows are then deleted by hand. */
const seed = `
import os, sys, json, sqlite3, pathlib, tempfile
import mlflow
from mlflow import MlflowClient
home = sys.argv[1]
uri = f"sqlite:///{home}/mlflow.db"
mlflow.set_tracking_uri(uri)
c = MlflowClient(uri)
e = c.create_experiment("x", artifact_location=f"file://{home}/art/x")
source = pathlib.Path(home) / "old.txt"
source.write_text("abc")
os.utime(source, (1_000_000_000, 1_000_000_000))
runs = [c.create_run(e).info.run_id for _ in range(2)]
for r in runs:
    c.log_artifact(r, str(source))
models = [c.create_logged_model(e, name="m") for _ in range(2)]
for m in models:
    place = pathlib.Path(m.artifact_location.removeprefix("file://")); place.mkdir(parents=True, exist_ok=True); (place / "MLmodel").write_text("abc")
mlflow.set_experiment(experiment_id=e)
traces = []
for _ in range(2):
    with mlflow.start_span("s") as s:
        s.set_inputs({"a": 1})
    traces.append(s.trace_id)
mlflow.flush_trace_async_logging()
where = {t: c.get_trace(t).info.tags["mlflow.artifactLocation"] for t in traces}
for place in where.values():
    p = pathlib.Path(place.removeprefix("file://")); p.mkdir(parents=True, exist_ok=True); (p / "x").write_text("abc")
db = sqlite3.connect(f"{home}/mlflow.db")
db.execute("PRAGMA foreign_keys = OFF")
for table, key, value in [("tags", "run_uuid", runs[0]), ("runs", "run_uuid", runs[0]),
                          ("logged_models", "model_id", models[0].model_id), ("trace_info", "request_id", traces[0]),
                          ("trace_tags", "request_id", traces[0])]:
    db.execute(f"DELETE FROM {table} WHERE {key} = ?", (value,))
db.commit()
print(json.dumps({"runs": runs, "models": [m.model_id for m in models], "traces": traces, "experiment": e}))
`;

/** Runs that are made and written one after the other until a file says stop. */
const writer = `
import sys, os, json
import mlflow
from mlflow import MlflowClient
home, experiment = sys.argv[1:3]
c = MlflowClient(f"sqlite:///{home}/mlflow.db")
ids = []
while not os.path.exists(home + "/stop"):
    r = c.create_run(experiment).info.run_id
    c.log_artifact(r, home + "/old.txt")
    c.log_text(r, "abc", "later.txt")
    ids.append(r)
    with open(home + "/count", "w") as f:
        f.write(str(len(ids)))
print(json.dumps(ids))
`;

describe.skipIf(!python)('artifacts that belong to nothing, of real MLflow', () => {
  const home = mkdtempSync(join(tmpdir(), 'mltrack-orphans-'));
  let made: { runs: string[]; models: string[]; traces: string[]; experiment: string };

  async function script(text: string, args: readonly string[]): Promise<string> {
    const path = join(home, `${args.length}.py`);
    writeFileSync(path, text);
    const child = spawn(python as string, [path, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
      cwd: home,
      env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true' },
    });
    let out = '';
    child.stdout.on('data', (part: Buffer) => {
      out += String(part);
    });
    const [code] = await once(child, 'close');
    expect(code).toBe(0);
    return out.trim().split('\n').at(-1) as string;
  }

  const searched = (args: readonly string[]) =>
    run(['--backend-store-uri', `sqlite:///${home}/mlflow.db`, '--json', ...args]);

  beforeAll(async () => {
    made = JSON.parse(await script(seed, [home]));
  }, 120_000);
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  it('are those whose rows are gone, a file’s age is when it came', async () => {
    const [[run0, run1], [model0, model1], [trace0, trace1]] = [made.runs, made.models, made.traces] as [
      ...[string, string][],
    ] as [[string, string], [string, string], [string, string]];
    const day = await searched(['--orphan-artifacts', '--older-than', '1d', '--dry-run']);
    expect(day.error).toBeNull();
    // `log_artifact` gives the file the time of its source, 2001; it came today.
    expect(fates(day.event)[run0]).toMatch(/younger than --older-than/);
    const args = ['--delete-orphan-artifacts', '--older-than', await momentBetween()];
    const dry = await searched([...args, '--dry-run']);
    expect(fates(dry.event)).toEqual({
      ...{ [run0]: 'goes', [model0]: 'goes', [trace0]: 'folders of traces are only reported' },
    });
    expect(orphansIn(dry.event).map(({ experimentId }) => experimentId)).toEqual(
      Array(3).fill(made.experiment),
    );
    const done = await searched([...args, '--yes']);
    expect([done.error, done.event.orphanArtifacts]).toEqual([
      null,
      expect.objectContaining({ gone: 2, failed: [] }),
    ]);
    const at = (...parts: string[]) => existsSync(join(home, 'art/x', ...parts));
    expect([at(run0), at('models', model0)]).toEqual([false, false]);
    expect([
      at(run1, 'artifacts/old.txt'),
      at('models', model1, 'artifacts/MLmodel'),
      at('traces', trace1, 'artifacts/x'),
    ]).toEqual([true, true, true]);
  }, 60_000);

  it('are never those of runs that a client is writing, whatever the age', async () => {
    const writing = script(writer, [home, made.experiment]);
    let rounds = 0;
    try {
      for (const end = Date.now() + 15_000; Date.now() < end; ) {
        if (!existsSync(join(home, 'count'))) {
          await momentBetween();
          continue;
        }
        const done = await searched(['--delete-orphan-artifacts', '--older-than', '0s', '--yes']);
        expect(done.error).toBeNull();
        expect(done.event.orphanArtifacts).toMatchObject({ gone: 0, failed: [] });
        rounds++;
      }
    } finally {
      writeFileSync(join(home, 'stop'), '');
    }
    const ids = JSON.parse(await writing) as string[];
    expect(rounds).toBeGreaterThan(5);
    expect(ids.length).toBeGreaterThan(20);
    for (const id of ids)
      expect(readdirSync(join(home, 'art/x', id, 'artifacts')).sort()).toEqual(['later.txt', 'old.txt']);
    process.stderr.write(`\norphans: ${rounds} searches beside a client that wrote ${ids.length} runs\n`);
    expect(Number(readFileSync(join(home, 'count'), 'utf8'))).toBe(ids.length);
  }, 120_000);
});

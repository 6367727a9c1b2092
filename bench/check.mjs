// How long `mltrack db check` takes on a database at the head, beside what MLflow itself takes to look at it
// (`mlflow db upgrade` with nothing to do), whole commands in turn on the same database. Needs `npm run build`.
// Usage: MLFLOW=/path/to/venv/bin/mlflow node bench/check.mjs [sqlite|postgresql|mysql|mariadb …]
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { startServer } from './server.mjs';

const rounds = 7;
const bin = fileURLToPath(new URL('../bin/mltrack.js', import.meta.url));
const mlflow = process.env.MLFLOW;
const kinds = process.argv.slice(2);

/** Seconds of a command that must end with 0. */
function seconds(command, args) {
  const since = performance.now();
  const run = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true' },
  });
  if (run.status !== 0) throw new Error(`${command} ${args[0]} ended with ${run.status}\n${run.stderr}`);
  return (performance.now() - since) / 1000;
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const shown = (values) =>
  `${median(values).toFixed(2)} s (${Math.min(...values).toFixed(2)}–${Math.max(...values).toFixed(2)})`;

for (const kind of kinds.length > 0 ? kinds : ['sqlite', 'postgresql', 'mysql', 'mariadb']) {
  const server = await startServer(kind);
  try {
    const uri = await server.fresh();
    seconds(process.execPath, [bin, 'db', 'upgrade', uri, '--quiet']);
    const [ours, theirs] = [[], []];
    for (let round = 0; round < rounds; round++) {
      ours.push(seconds(process.execPath, [bin, 'db', 'check', uri, '--quiet']));
      if (mlflow) theirs.push(seconds(mlflow, ['db', 'upgrade', uri]));
    }
    const ratio = mlflow
      ? `, mlflow db upgrade ${shown(theirs)}: ${(median(theirs) / median(ours)).toFixed(1)} times`
      : '';
    console.log(`${kind}: db check ${shown(ours)}${ratio}`);
  } finally {
    await server.stop();
  }
}

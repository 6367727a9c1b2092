// How big mltrack is and how long its installation takes: the tarball, and `npm install` of it into an empty project
// with an empty cache, beside the virtual environment of real MLflow where MLFLOW_PYTHON names its Python.
// Needs `npm run build`. --ignore-scripts: without the native driver of SQLite, which npm fetches built from GitHub, or
// builds where that cannot be reached.
// Usage: node bench/install.mjs [--ignore-scripts]
import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'mltrack-install-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

/** Bytes on disk and files below a folder. */
function sizeOf(path) {
  const sum = { bytes: 0, files: 0 };
  for (const name of readdirSync(path, { recursive: true })) {
    const stat = lstatSync(join(path, name));
    if (!stat.isFile()) continue;
    sum.bytes += stat.blocks * 512;
    sum.files++;
  }
  return sum;
}

const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
const print = (what, ...values) => console.log(what.padEnd(34), values.join(', '));

const npm = (args, cwd) =>
  execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
const [packed] = JSON.parse(npm(['pack', '--ignore-scripts', '--json', '--pack-destination', folder], root));
print(
  'tarball',
  megabytes(packed.size),
  `unpacked ${megabytes(packed.unpackedSize)}`,
  `${packed.entryCount} files`,
);

const project = join(folder, 'project');
mkdirSync(project);
writeFileSync(join(project, 'package.json'), '{ "private": true }');
const ignoring = process.argv.includes('--ignore-scripts') ? ['--ignore-scripts'] : [];
const cache = join(folder, 'cache');
const install = ['install', '--no-audit', '--no-fund', '--loglevel', 'error', ...ignoring];
for (const state of ['empty', 'filled']) {
  rmSync(join(project, 'node_modules'), { recursive: true, force: true });
  rmSync(join(project, 'package-lock.json'), { force: true });
  const started = performance.now();
  npm([...install, '--cache', cache, join(folder, packed.filename)], project);
  print(`npm install, cache ${state}`, `${((performance.now() - started) / 1000).toFixed(1)} s`);
}
const places = JSON.parse(npm(['query', '*', '--cache', cache], project)).filter(
  ({ location }) => location !== '',
);
const { bytes, files } = sizeOf(join(project, 'node_modules'));
print('node_modules', megabytes(bytes), `${files} files`, `${places.length} packages`);
const first = (path) =>
  path.replace(/^node_modules\/((?:@[^/]+\/)?[^/]+).*/, '$1').replace(/^(@[^/]+)\/.*/, '$1/*');
const byFolder = new Map();
for (const { location } of places.filter((one) => one.location.split('node_modules/').length === 2))
  byFolder.set(first(location), (byFolder.get(first(location)) ?? 0) + sizeOf(join(project, location)).bytes);
for (const [name, size] of [...byFolder].sort(([, a], [, b]) => b - a).slice(0, 6))
  print(`  ${name}`, megabytes(size));

if (process.env.MLFLOW_PYTHON) {
  const script =
    'import importlib.metadata as m, sysconfig; print(sysconfig.get_paths()["purelib"]); print(len({d.name for d in m.distributions()}))';
  const [site, count] = execFileSync(process.env.MLFLOW_PYTHON, ['-c', script], { encoding: 'utf8' })
    .trim()
    .split('\n');
  const mlflow = sizeOf(site);
  print('MLflow', megabytes(mlflow.bytes), `${mlflow.files} files`, `${count} packages`);
}

import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import type { Server } from './guard.js';

/**
 * The MLflow installed nearby, read off its package's metadata without running Python: of the active virtual
 * environment, else of the first `mlflow` on PATH. Null where there is none.
 */
export function findMlflow(env: NodeJS.ProcessEnv): Server | null {
  for (const folder of candidates(env)) {
    const version = versionAround(folder);
    if (version) return { version, where: `installed in ${dirname(folder)}` };
  }
  return null;
}

/** Folders with programs in which MLflow's may be. */
function candidates(env: NodeJS.ProcessEnv): string[] {
  const active = env.VIRTUAL_ENV ?? env.CONDA_PREFIX;
  const onPath = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const found = [...(active ? [join(active, 'bin')] : []), ...onPath].find((folder) =>
    existsSync(join(folder, 'mlflow')),
  );
  if (!found) return [];
  const script = realpathSync(join(found, 'mlflow'));
  // What pipx and pip --user put on PATH names its own interpreter in the first line.
  const interpreter = /^#!\s*(\S+\/python[\d.]*)\s*$/m.exec(head(script))?.[1];
  return [found, dirname(script), ...(interpreter ? [dirname(interpreter)] : [])];
}

function head(path: string): string {
  try {
    return readFileSync(path, 'utf8').slice(0, 500);
  } catch {
    return '';
  }
}

/** From `bin` to `lib/python3.x/site-packages/mlflow-3.16.0.dist-info`. */
function versionAround(bin: string): string | null {
  const lib = join(dirname(bin), 'lib');
  for (const python of list(lib).filter((name) => name.startsWith('python3')))
    for (const packages of ['site-packages', 'dist-packages'])
      for (const name of list(join(lib, python, packages))) {
        const version = /^mlflow(?:_skinny)?-(\d+\.\d+\.\d+)\.dist-info$/.exec(name)?.[1];
        if (version) return version;
      }
  return null;
}

const list = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder).sort() : []);

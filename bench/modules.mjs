import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';
import config from '../rolldown.config.js';

/** Modules of `src/` by path (`core/plan`), built as the command line is; they share what they have in common. */
export async function modules(...paths) {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const cache = join(root, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const dir = mkdtempSync(join(cache, 'mltrack-'));
  process.on('exit', () => rmSync(dir, { recursive: true, force: true }));
  const input = Object.fromEntries(
    paths.map((path) => [path.replaceAll('/', '-'), join(root, `src/${path}.ts`)]),
  );
  const bundle = await rolldown({ ...config, input });
  await bundle.write({ ...config.output, dir });
  return Promise.all(
    paths.map((path) => import(pathToFileURL(join(dir, `${path.replaceAll('/', '-')}.js`)).href)),
  );
}

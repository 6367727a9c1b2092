import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { dts } from 'rolldown-plugin-dts';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'dist/.types');

/** Writes the declarations of `src/index.ts` into one file, `dist/index.d.ts`: the compiler's, and of them what is reached. */
export const declarations = {
  name: 'declarations',
  async closeBundle() {
    const tsc = join(root, 'node_modules/.bin/tsc');
    execFileSync(tsc, ['-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
    const input = join(folder, 'index.d.ts');
    const plugins = dts({ dtsInput: true, tsconfig: false, sourcemap: false });
    const bundle = await rolldown({ input, plugins });
    await bundle.write({ dir: join(root, 'dist'), format: 'esm' });
    await bundle.close();
    rmSync(folder, { recursive: true });
  },
};

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expectDone, mltrack } from './cli.js';

const root = new URL('../../', import.meta.url).href;

/** What a run of the built command line read, of the bundle and of packages. */
export interface Loads {
  /** Chunks without the hash in their names: "main", "_revisions". */
  readonly chunks: readonly string[];
  /** Names of packages. */
  readonly packages: readonly string[];
  /** Bytes of the chunks. */
  readonly bytes: number;
  /** Node's own modules, those that others of its own ask for among them. */
  readonly builtins: readonly string[];
}

/** Runs a command and reads off V8's coverage which scripts it loaded. */
export async function loadsOf(args: readonly string[]): Promise<Loads> {
  const folder = mkdtempSync(join(tmpdir(), 'mltrack-'));
  try {
    expectDone(await mltrack(args, { env: { NODE_V8_COVERAGE: folder } }));
    const urls = new Set(
      readdirSync(folder).flatMap((name) => {
        const { result } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as {
          result: { url: string }[];
        };
        return result.map(({ url }) => url);
      }),
    );
    const files = [...urls].filter((url) => url.startsWith(`${root}dist/`)).map((url) => fileURLToPath(url));
    const named = [...urls].flatMap((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1] ?? []);
    return {
      chunks: files.map((file) => file.replace(/^.*\/dist\//, '').replace(/(-[\w-]{8})?\.js$/, '')),
      packages: [...new Set(named)],
      bytes: files.reduce((sum, file) => sum + statSync(file).size, 0),
      builtins: [...urls].filter((url) => url.startsWith('node:')).map((url) => url.slice(5)),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const under = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));
const sources = [...under('src'), ...under('migrations')];
const textOf = (file: string): string => readFileSync(join(root, file), 'utf8');

/** The part of the house a file belongs to. */
function layer(file: string): string {
  const [top, second] = file.split('/') as [string, string];
  if (top === 'migrations') return 'migrations';
  return second.endsWith('.ts') ? second.replace('.ts', '') : second;
}

/** Who may import whom; everybody may import the schema's vocabulary, the errors, where mltrack lies and near words. */
const allowed: Record<string, readonly string[]> = {
  main: ['cli', 'core', 'render'],
  man: ['cli', 'core', 'render'],
  cli: ['commands', 'core', 'render'],
  commands: ['api', 'core', 'dialects', 'render'],
  index: ['api', 'core', 'dialects'],
  api: ['artifacts', 'core', 'dialects'],
  render: ['core'],
  core: ['artifacts', 'dialects'],
  artifacts: [],
  dialects: [],
  migrations: [],
  schema: [],
  errors: [],
  'package-folder': [],
  similar: [],
};

/** What the core and the commands know of dialects. */
const contracts = [
  ...[
    'dialect',
    'index',
    'uri',
    'backup',
    'check',
    'repair',
    'cost',
    'progress',
    'gc',
    'script',
    'status',
    'operations',
    'shell',
  ],
].map((name) => `src/dialects/${name}.ts`);

/** What they know of artifact stores: the contract, and who opens which. */
const artifactContracts = ['store', 'open', 'failure', 'location', 'server-api'].map(
  (name) => `src/artifacts/${name}.ts`,
);

const imports = (file: string): string[] =>
  [...textOf(file).matchAll(/(?:from|import)\s*\(?'(\.[^']+)'/g)].map((match) =>
    relative(root, join(root, dirname(file), (match[1] as string).replace(/\.js$/, '.ts'))),
  );

describe('the house', () => {
  it.each(sources)('%s imports only in the direction of the data', (file) => {
    const from = layer(file);
    for (const target of imports(file)) {
      const to = layer(target);
      if (to === from) continue;
      const shared = ['schema', 'errors', 'package-folder', 'similar'].includes(to) && from !== 'schema';
      expect(shared || allowed[from]?.includes(to), `${file} imports ${target}`).toBe(true);
      // The core and the commands know dialects by their contract alone.
      if (to === 'dialects') expect(contracts).toContain(target);
      if (to === 'artifacts') expect(artifactContracts).toContain(target);
    }
  });

  it.each(sources.filter((file) => !file.startsWith('src/dialects/')))('%s names no dialect', (file) => {
    const named = [...textOf(file).matchAll(/'(sqlite|postgresql|postgres|mysql|mariadb|mssql)'/g)];
    // A revision may say on which servers MLflow takes a step.
    const excused = file.startsWith('migrations/') && /only\(\s*\[/.test(textOf(file));
    expect(named.length === 0 || excused, `${file}: ${named.map((match) => match[0])}`).toBe(true);
  });

  it.each(sources)('%s ends no process, prints nothing by console, stays short', (file) => {
    const text = textOf(file);
    expect(text).not.toMatch(/process\.exit\(/);
    expect(text).not.toMatch(/\bconsole\./);
    expect(text.split('\n').length).toBeLessThanOrEqual(300);
  });
});

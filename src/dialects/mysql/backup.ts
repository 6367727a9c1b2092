import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { blockedError } from '../../errors.js';
import type { BackupRequest, Command, DialectBackup } from '../backup.js';
import type { Session } from '../dialect.js';
import { managedBy } from '../managed.js';
import { compareRows, countRows, findTool, needTool, runTool, type Tool } from '../tools.js';
import type { DatabaseUri } from '../uri.js';
import { DumpCounter } from './dump-counter.js';
import type { Flavour } from './flavour.js';
import { quote } from './quote.js';

/** The names of the clients: MariaDB's own come first on its servers. */
const programs = {
  mysql: { dump: ['mysqldump', 'mariadb-dump'], client: ['mysql', 'mariadb'] },
  mariadb: { dump: ['mariadb-dump', 'mysqldump'], client: ['mariadb', 'mysql'] },
} as const satisfies Record<Flavour, unknown>;

/** mysqldump or mariadb-dump in one transaction: a consistent state of InnoDB tables, without locking writers out. */
export const backup: DialectBackup = {
  extension: '.sql',
  size: async (session) => {
    const [row] = await session.query<{ n: unknown }>(
      'SELECT SUM(DATA_LENGTH + INDEX_LENGTH) AS n FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()',
    );
    return Number(row?.n ?? 0);
  },

  hint: async (session, uri, file) => {
    const facts = await factsOf(session);
    const { dump: dumps, client: clients } = programs[facts.flavour];
    const secretFile = join(homedir(), '.mltrack.cnf');
    const tool = findTool(...dumps);
    const client =
      findTool(...clients)
        ?.path.split('/')
        .at(-1) ?? clients[0];
    const server = (what: string, ...args: string[]): Command => ({
      what,
      argv: [client, `--defaults-extra-file=${secretFile}`, ...addressOf(uri), ...args],
    });
    const managed = managedBy(uri, { azure: 'mysql' });
    const name = quote(uri.database);
    return {
      tools: [`the server is ${session.server}`, toolText(tool, facts.flavour)],
      secret: [
        `write the password into ${secretFile}, mode 600, two lines: [client] and password="PASSWORD"`,
        'a quote or backslash in it is written \\" or \\\\',
      ],
      backup: [dump(tool, tool?.path.split('/').at(-1) ?? dumps[0], secretFile, uri, file, facts)],
      verify: [
        {
          what: 'see that the dump is whole: its last line says so',
          argv: ['grep', '-c', '^-- Dump completed', file],
        },
      ],
      restore: [
        server(
          'empty the database',
          '--execute',
          `DROP DATABASE ${name}; CREATE DATABASE ${name} CHARACTER SET ${facts.charset} COLLATE ${facts.collation}`,
        ),
        { ...server('bring the dump back', uri.database), stdin: file },
      ],
      notes: [
        '--single-transaction reads one state of all InnoDB tables and keeps nobody from writing; a change of the schema at the same time breaks it: stop the MLflow server first',
        ...(facts.others > 0
          ? [`${facts.others} tables are not InnoDB's: they are read outside of that state`]
          : []),
        ...(facts.gtid
          ? [
              'the server keeps GTIDs: --set-gtid-purged=OFF leaves them out, so that the dump can be brought back on this very server',
            ]
          : []),
        'bring it back to a database of another name first, and look at it; the restore here drops the damaged one',
        'users and grants are not in it',
      ],
      managed: managed?.commands ?? [],
    };
  },

  take: async ({ session, uri, file, signal }: BackupRequest) => {
    const facts = await factsOf(session);
    const names = programs[facts.flavour].dump;
    const tool = needTool(findTool(...names), names[0], `install the client of ${session.server}`);
    const folder = mkdtempSync(join(tmpdir(), 'mltrack-'));
    const secretFile = join(folder, 'client.cnf');
    try {
      writeFileSync(secretFile, `[client]\n${secretLine(uri)}`, { mode: 0o600 });
      const command = dump(tool, tool.path, secretFile, uri, file, facts);
      // The user's own option files come after the extra one, and could say another password or leave rows out.
      const argv = command.argv.map((arg) => arg.replace(/^--defaults-extra-file=/, '--defaults-file='));
      const env = { MYSQL_TEST_LOGIN_FILE: join(folder, 'none') };
      await runTool({ ...command, argv }, { env, signal });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    const counter = new DumpCounter();
    for await (const chunk of createReadStream(file)) counter.take(chunk as Buffer);
    if (!counter.isComplete)
      throw blockedError(
        `${file} has no end: ${tool.path} stopped half-way`,
        'is there room on the disk? nothing was changed',
      );
    compareRows(await countRows(session, await session.tableNames()), counter.rows);
    return { tool: tool.version, rows: counter.rows };
  },
};

interface Facts {
  readonly flavour: Flavour;
  readonly charset: string;
  readonly collation: string;
  readonly gtid: boolean;
  /** Tables of other engines. */
  readonly others: number;
}

async function factsOf(session: Session): Promise<Facts> {
  const flavour: Flavour = /mariadb/i.test(session.server) ? 'mariadb' : 'mysql';
  const [row] = await session.query<{ charset: string; collation: string; others: unknown }>(
    `SELECT @@character_set_database AS charset, @@collation_database AS collation,
      (SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()
       AND TABLE_TYPE = 'BASE TABLE' AND ENGINE <> 'InnoDB') AS others`,
  );
  const [mode] =
    flavour === 'mysql' ? await session.query<{ gtid: string }>('SELECT @@gtid_mode AS gtid') : [];
  return {
    flavour,
    charset: row?.charset ?? 'utf8mb4',
    collation: row?.collation ?? 'utf8mb4_general_ci',
    gtid: mode !== undefined && mode.gtid !== 'OFF',
    others: Number(row?.others ?? 0),
  };
}

const isMariadbs = (tool: Tool): boolean => /mariadb/i.test(tool.version);

function toolText(tool: Tool | null, flavour: Flavour): string {
  if (!tool)
    return `no ${programs[flavour].dump[0]} on PATH: install the ${flavour === 'mariadb' ? 'mariadb-client' : 'mysql-client'} package`;
  const fits = isMariadbs(tool) === (flavour === 'mariadb');
  return `${tool.version} (${tool.path})${fits ? ' fits' : `: it is the other one's; better take that of ${flavour === 'mariadb' ? 'MariaDB' : 'MySQL'}`}`;
}

/** The option file must come first; what holds a password stands in it and nowhere else. */
function dump(
  tool: Tool | null,
  program: string,
  secretFile: string,
  uri: DatabaseUri,
  file: string,
  facts: Facts,
): Command {
  // MariaDB's client does not know the word.
  const gtid = facts.gtid && !(tool && isMariadbs(tool)) ? ['--set-gtid-purged=OFF'] : [];
  return {
    what: 'save the database',
    argv: [
      program,
      `--defaults-extra-file=${secretFile}`,
      ...addressOf(uri),
      ...[
        '--single-transaction',
        '--routines',
        '--triggers',
        '--hex-blob',
        '--no-tablespaces',
        '--default-character-set=utf8mb4',
      ],
      ...gtid,
      uri.database,
    ],
    stdout: file,
  };
}

/** Where the server is. Without a host the clients would take a socket, where mltrack takes TCP. */
function addressOf({ query, host, port, username }: DatabaseUri): string[] {
  const socket = query.get('unix_socket');
  const tls = [
    ['--ssl-ca', query.get('ssl_ca') ?? process.env.MLFLOW_MYSQL_SSL_CA],
    ['--ssl-cert', query.get('ssl_cert') ?? process.env.MLFLOW_MYSQL_SSL_CERT],
    ['--ssl-key', query.get('ssl_key') ?? process.env.MLFLOW_MYSQL_SSL_KEY],
  ].flatMap(([flag, value]) => (value ? [`${flag}=${value}`] : []));
  return [
    ...(socket
      ? [`--socket=${socket}`]
      : [`--host=${host ?? '127.0.0.1'}`, `--port=${port ?? 3306}`, '--protocol=TCP']),
    ...(username ? [`--user=${username}`] : []),
    ...tls,
  ];
}

/** https://dev.mysql.com/doc/refman/8.4/en/option-files.html: quotes around it, backslash escapes inside. */
const secretLine = ({ password }: DatabaseUri): string =>
  password === null ? '' : `password="${password.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"\n`;

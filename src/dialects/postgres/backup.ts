import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { blockedError } from '../../errors.js';
import type { BackupRequest, Command, DialectBackup } from '../backup.js';
import type { Session } from '../dialect.js';
import { managedBy } from '../managed.js';
import { momentInName } from '../shell.js';
import { compareRows, countRows, findTool, needTool, runTool, type Tool } from '../tools.js';
import type { DatabaseUri } from '../uri.js';
import { quote } from './quote.js';

/** pg_dump in its custom format: compressed, checked by pg_restore, one consistent snapshot without locking writers out. */
export const backup: DialectBackup = {
  extension: '.dump',
  size: async (session) => {
    const [row] = await session.query<{ n: string }>(
      'SELECT pg_database_size(current_database())::text AS n',
    );
    return Number(row?.n ?? 0);
  },

  hint: async (session, uri, file) => {
    const { schema, encoding } = await placeOf(session);
    const { major, text } = versionOf(session);
    const tool = findTool('pg_dump');
    // Names of this moment, so that an earlier restore is not in the way; PostgreSQL's have 63 bytes at most.
    const moment = momentInName();
    const named = (what: string): string => `${uri.database.slice(0, 30)}_${what}_${moment}`;
    const restored = named('restored');
    const [own, other] = [quote(uri.database), quote(restored)];
    const rename = [
      `ALTER DATABASE ${own} RENAME TO ${quote(named('damaged'))}`,
      `ALTER DATABASE ${other} RENAME TO ${own}`,
    ];
    const managed = managedBy(uri, { azure: 'postgres' });
    const command = commandsOf(uri);
    return {
      tools: [`the server is PostgreSQL ${text}`, toolText(tool, major)],
      secret: [
        `put the password into ~/.pgpass, mode 600: ${uri.host ?? '*'}:${uri.port ?? '*'}:*:${uri.username ?? '*'}:PASSWORD`,
        'a ":" or "\\" in it is written "\\:" or "\\\\"; or set PGPASSWORD for these commands alone',
      ],
      backup: [dump(uri, file, schema)],
      verify: [
        { what: 'list what is in the archive', argv: ['pg_restore', '--list', file] },
        { what: 'read the whole archive', argv: ['pg_restore', '--file', '/dev/null', file] },
      ],
      restore: [
        command('make a database for it', [
          'createdb',
          '--template',
          'template0',
          '--encoding',
          encoding,
          restored,
        ]),
        command('bring the archive back', [
          'pg_restore',
          '--exit-on-error',
          '--no-owner',
          '--dbname',
          restored,
          file,
        ]),
        command('give it the name, and keep the damaged one', [
          'psql',
          '--no-psqlrc',
          '--set',
          'ON_ERROR_STOP=1',
          '--dbname',
          'postgres',
          ...rename.flatMap((sql) => ['--command', sql]),
        ]),
      ],
      notes: [
        'pg_dump reads one snapshot and keeps nobody from writing; what is written afterwards is not in it: stop the MLflow server first',
        'the restore needs the right CREATEDB, and nobody connected to the database when it is renamed',
        ...(schema === 'public' ? [] : [`the tables are in schema ${schema}: that schema alone is saved`]),
        'roles and passwords are not in it: pg_dumpall --globals-only saves them',
      ],
      managed: managed?.commands ?? [],
    };
  },

  take: async ({ session, uri, file, signal }: BackupRequest) => {
    const { major } = versionOf(session);
    const install = `install the client of PostgreSQL ${major} (Debian: postgresql-client-${major})`;
    const tool = needTool(findTool('pg_dump'), 'pg_dump', install);
    if (tool.major < major)
      throw blockedError(
        `${tool.path} is ${tool.version}, and the server is PostgreSQL ${major}: it refuses newer servers`,
        install,
        'nothing was changed',
      );
    const reader = needTool(findTool('pg_restore'), 'pg_restore', install);
    const { schema } = await placeOf(session);
    const env = secretsOf(uri);
    await runTool(dump(uri, file, schema), { env, signal });
    const kept: Record<string, number> = {};
    await runTool(
      { what: 'read the backup', argv: [reader.path, '--data-only', '--file', '-', file] },
      { env, signal, read: (output) => countCopied(output, schema, kept) },
    );
    compareRows(await countRows(session, await tablesWithRows(session)), kept);
    return { tool: tool.version, rows: kept };
  },
};

/** Tables that hold rows themselves: those of a partitioned table are in its partitions, of a foreign one elsewhere. */
async function tablesWithRows(session: Session): Promise<string[]> {
  const rows = await session.query<{ name: string }>(
    `SELECT relname AS name FROM pg_catalog.pg_class
     WHERE relnamespace = quote_ident(current_schema())::regnamespace AND relkind = 'r'`,
  );
  return rows.map(({ name }) => name);
}

function versionOf(session: Session): { major: number; text: string } {
  const text = /PostgreSQL (\S+)/.exec(session.server)?.[1] ?? '';
  return { text, major: Number.parseInt(text, 10) };
}

async function placeOf(session: Session): Promise<{ schema: string; encoding: string }> {
  const [row] = await session.query<{ schema: string; encoding: string }>(
    "SELECT current_schema() AS schema, current_setting('server_encoding') AS encoding",
  );
  return { schema: row?.schema ?? 'public', encoding: row?.encoding ?? 'UTF8' };
}

function toolText(tool: Tool | null, major: number): string {
  if (!tool)
    return `no pg_dump on PATH: install the client of PostgreSQL ${major} or newer (Debian: postgresql-client-${major})`;
  return tool.major < major
    ? `${tool.version} (${tool.path}) is older than the server and refuses it: install postgresql-client-${major}`
    : `${tool.version} (${tool.path}) fits`;
}

/** Where the server is, in the words of every client of libpq. */
const commandsOf =
  (uri: DatabaseUri) =>
  (what: string, [program, ...args]: readonly string[]): Command => ({
    what,
    argv: [program as string, ...addressOf(uri), '--no-password', ...args],
    env: settingsOf(uri),
  });

function dump(uri: DatabaseUri, file: string, schema: string): Command {
  const only = schema === 'public' ? [] : ['--schema', quote(schema)];
  return commandsOf(uri)('save the database', [
    'pg_dump',
    '--format',
    'custom',
    ...only,
    '--file',
    file,
    '--dbname',
    uri.database,
  ]);
}

function addressOf({ query, host, port, username }: DatabaseUri): string[] {
  const address = query.get('host') ?? host;
  return [
    ...(address ? ['--host', address] : []),
    ...((query.get('port') ?? port) ? ['--port', String(query.get('port') ?? port)] : []),
    ...((query.get('user') ?? username) ? ['--username', (query.get('user') ?? username) as string] : []),
  ];
}

/** libpq's variables for the options of a URI that its clients have no flag for. */
const variables = {
  options: 'PGOPTIONS',
  sslmode: 'PGSSLMODE',
  sslrootcert: 'PGSSLROOTCERT',
  sslcert: 'PGSSLCERT',
  sslkey: 'PGSSLKEY',
} as const;

const settingsOf = ({ query }: DatabaseUri): Record<string, string> =>
  Object.fromEntries(
    Object.entries(variables).flatMap(([option, name]) => {
      const value = query.get(option);
      return value === undefined || option === 'options' ? [] : [[name, value]];
    }),
  );

const secretsOf = ({ password, query }: DatabaseUri): Record<string, string> => {
  const secret = query.get('password') ?? password;
  return secret === null || secret === undefined ? {} : { PGPASSWORD: secret };
};

/** Counts the rows between `COPY … FROM stdin;` and `\\.` (PostgreSQL manual, COPY, text format). */
async function countCopied(output: Readable, schema: string, counts: Record<string, number>): Promise<void> {
  const prefix = [`COPY ${quote(schema)}.`, `COPY "${schema.replaceAll('"', '""')}".`];
  let table: string | null = null;
  for await (const line of createInterface({ input: output, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (table !== null) {
      if (line === '\\.') table = null;
      else counts[table] = (counts[table] ?? 0) + 1;
      continue;
    }
    const start = prefix.find((text) => line.startsWith(text));
    if (!start) continue;
    const name = /^(?:"((?:[^"]|"")+)"|(\w+))/.exec(line.slice(start.length));
    table = name?.[1]?.replaceAll('""', '"') ?? name?.[2] ?? null;
    if (table !== null) counts[table] ??= 0;
  }
}

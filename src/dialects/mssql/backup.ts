import { blockedError } from '../../errors.js';
import type { Command, DialectBackup } from '../backup.js';
import type { Session } from '../dialect.js';
import { managedBy } from '../managed.js';
import { findTool } from '../tools.js';
import type { DatabaseUri } from '../uri.js';
import { literalText, quote } from './quote.js';

/** BACKUP DATABASE, which the server itself writes: the file is on the server's disk. */
export const backup: DialectBackup = {
  extension: '.bak',
  size: async (session) => {
    const [row] = await session.query<{ n: unknown }>(
      'SELECT SUM(CAST(size AS bigint)) * 8192 AS n FROM sys.database_files',
    );
    return Number(row?.n ?? 0);
  },

  hint: async (session, uri, file) => {
    const managed = managedBy(uri, { azure: 'sql' });
    const tool = findTool('sqlcmd');
    const compresses = await canCompress(session);
    const name = file.split('/').at(-1) as string;
    const [database, disk] = [quote(uri.database), literalText(name)];
    const run = sqlcmd(uri);
    return {
      tools: [
        `the server is ${session.server}`,
        tool ? `${tool.version} (${tool.path})` : 'no sqlcmd on PATH: install mssql-tools18',
      ],
      secret: ['set SQLCMDPASSWORD for these commands; sqlcmd reads it'],
      backup: managed
        ? []
        : [
            run(
              'save the database',
              `BACKUP DATABASE ${database} TO DISK = ${disk} WITH COPY_ONLY, CHECKSUM, ${compresses ? 'COMPRESSION, ' : ''}INIT`,
            ),
          ],
      verify: managed
        ? []
        : [run('check the backup', `RESTORE VERIFYONLY FROM DISK = ${disk} WITH CHECKSUM`)],
      restore: managed
        ? []
        : [
            run(
              'bring the backup back',
              `ALTER DATABASE ${database} SET SINGLE_USER WITH ROLLBACK IMMEDIATE; RESTORE DATABASE ${database} FROM DISK = ${disk} WITH REPLACE, CHECKSUM; ALTER DATABASE ${database} SET MULTI_USER`,
            ),
          ],
      notes: [
        'the server writes the file into its own backup directory, under the account of its service; COPY_ONLY leaves the chain of your regular backups alone',
        ...(compresses ? [] : ['this edition does not compress backups']),
        ...(managed
          ? [
              `${managed.provider} takes no BACKUP DATABASE: it restores to any point in time, or copies the database`,
            ]
          : []),
        'these commands were made after the manual; no SQL Server was at hand to try them on',
      ],
      managed: managed?.commands ?? [],
    };
  },

  take: async () => {
    throw blockedError(
      '--backup does not work on SQL Server: its backups are written by the server, to a disk that mltrack does not see',
      'take it by hand (mltrack backup-hint prints the commands), then upgrade without --backup',
      'nothing was changed',
    );
  },
};

/** Express cannot (https://learn.microsoft.com/sql/sql-server/editions-and-components-of-sql-server-2019). */
async function canCompress(session: Session): Promise<boolean> {
  const [row] = await session.query<{ edition: number }>(
    "SELECT CAST(SERVERPROPERTY('EngineEdition') AS int) AS edition",
  );
  return row?.edition !== 4;
}

const sqlcmd =
  ({ host, port, username }: DatabaseUri) =>
  (what: string, sql: string): Command => ({
    what,
    argv: [
      'sqlcmd',
      '-b',
      '-S',
      `${host ?? 'localhost'}${port ? `,${port}` : ''}`,
      ...(username ? ['-U', username] : ['-E']),
      '-d',
      'master',
      '-Q',
      sql,
    ],
  });

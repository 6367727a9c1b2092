import { describe, expect, it } from 'vitest';
import { configOf } from '../../../src/dialects/mssql/config.js';
import { parseOdbc } from '../../../src/dialects/mssql/odbc.js';
import { readOptions } from '../../../src/dialects/mssql/options.js';
import { parseUri } from '../../../src/dialects/uri.js';

const config = (uri: string) => configOf(readOptions(parseUri(uri)));
/** The settings of the first attempt, with tedious' own options beside the others. */
const first = (uri: string): Record<string, unknown> => {
  const { options, ...settings } = config(uri).attempts[0] as { options: Record<string, unknown> };
  return { ...settings, ...options };
};
const odbc = (text: string) => `mssql+pyodbc:///?odbc_connect=${encodeURIComponent(text)}`;

/** The message and the hints of a refusal; fails where there is none. */
function refusal(uri: string): string {
  try {
    config(uri);
  } catch (error) {
    expect(error).toMatchObject({ exitCode: 2 });
    const { message, hints } = error as { message: string; hints: string[] };
    return [message, ...hints].join('\n');
  }
  throw new Error(`${uri} was not refused`);
}

describe('a URI of SQL Server', () => {
  it('is read as SQLAlchemy reads it for pyodbc', () => {
    const uri =
      'mssql+pyodbc://sa:p%40ss@db.example:1444/mlflow?driver=ODBC+Driver+18+for+SQL+Server&Encrypt=yes&TrustServerCertificate=yes&LoginTimeout=7';
    expect(first(uri)).toMatchObject({
      server: 'db.example',
      port: 1444,
      database: 'mlflow',
      user: 'sa',
      password: 'p@ss',
      encrypt: true,
      trustServerCertificate: true,
      connectTimeout: 7000,
      requestTimeout: 0,
      abortTransactionOnError: true,
    });
  });

  it.each([
    ['mssql+pyodbc://u:p@h/db?driver=ODBC+Driver+17+for+SQL+Server', [true, false]],
    ['mssql+pyodbc://u:p@h/db?driver=ODBC+Driver+18+for+SQL+Server', [true]],
    ['mssql+pyodbc://u:p@h/db?driver=ODBC+Driver+18+for+SQL+Server&Encrypt=no', [true, false]],
    ['mssql+pyodbc://u:p@h/db?driver=ODBC+Driver+18+for+SQL+Server&Encrypt=strict', ['strict']],
    ['mssql+pyodbc://u:p@h/db?encrypt=mandatory', [true]],
    ['mssql+pymssql://u:p@h/db', [true, false]],
    ['mssql+mssqlpython://u:p@h/db', [true]],
  ])('tries TLS as its driver does: %s', (uri, expected) => {
    const tried = config(uri).attempts.map(({ options }) => (options as { encrypt: unknown }).encrypt);
    expect(tried).toEqual(expected);
  });

  it('looks at the certificate where TLS is asked for, and only there', () => {
    expect(first('mssql+pyodbc://u:p@h/db?Encrypt=yes')).toMatchObject({ trustServerCertificate: false });
    expect(first('mssql+pyodbc://u:p@h/db?Encrypt=strict&TrustServerCertificate=yes')).toMatchObject({
      trustServerCertificate: false,
    });
    expect(first('mssql+pyodbc://u:p@h/db?Encrypt=yes&HostNameInCertificate=*.db')).toMatchObject({
      serverName: '*.db',
    });
  });

  it('finds a named instance, which a port makes needless', () => {
    expect(first('mssql+pyodbc://u:p@host%5CSQL2019/db')).toMatchObject({
      server: 'host',
      instanceName: 'SQL2019',
    });
    expect(first('mssql+pyodbc://u:p@host%5CSQL2019/db')).not.toHaveProperty('port');
    expect(first('mssql+pyodbc://u:p@host%5CSQL2019:1500/db')).toMatchObject({ server: 'host', port: 1500 });
    expect(first('mssql+pyodbc://u:p@host%5CSQL2019:1500/db')).not.toHaveProperty('instanceName');
    expect(first('mssql+pymssql://u:p@host/db')).toMatchObject({ server: 'host', port: 1433 });
  });

  it('reads a whole ODBC connection string', () => {
    const text =
      'Driver={ODBC Driver 18 for SQL Server};Server=tcp:db.example,1500;Database=ml flow;UID=me;PWD={a;b}}c=};Encrypt=yes;TrustServerCertificate=no;Connection Timeout=30;';
    expect(first(odbc(text))).toMatchObject({
      server: 'db.example',
      port: 1500,
      database: 'ml flow',
      user: 'me',
      password: 'a;b}c=',
      encrypt: true,
      trustServerCertificate: false,
      connectTimeout: 30_000,
    });
    expect(first(odbc('SERVER=.\\X;DATABASE=d;UID=u;PWD=p'))).toMatchObject({
      server: 'localhost',
      instanceName: 'X',
    });
    expect(first(odbc('Server=tcp:fe80::1,1433;Database=d;UID=u;PWD=p'))).toMatchObject({
      server: 'fe80::1',
    });
  });

  it('takes the password from elsewhere where the ODBC string has none', () => {
    const uri = { ...parseUri(odbc('Server=h;Database=d;UID=u')), password: 'from a file' };
    expect(configOf(readOptions(uri)).attempts[0]).toMatchObject({ user: 'u', password: 'from a file' });
  });

  it('names no IP address to TLS where the certificate is not looked at', () => {
    const trusted = 'mssql+pyodbc://u:p@10.0.0.1/db?Encrypt=yes&TrustServerCertificate=yes';
    expect(first(trusted)).toMatchObject({ server: '10.0.0.1', serverName: 'localhost' });
    expect(first('mssql+pyodbc://u:p@10.0.0.1/db?Encrypt=yes')).not.toHaveProperty('serverName');
  });

  it('takes the first of what an ODBC string says twice', () => {
    expect([...parseOdbc(' UID = a ; uid=b;; Pwd={x } ;')]).toEqual([
      ['uid', 'a'],
      ['pwd', 'x '],
    ]);
  });

  it('knows the Entra ID ways that need no password', () => {
    expect(first('mssql+pyodbc://h/db?Authentication=ActiveDirectoryMsi')).toMatchObject({
      type: 'azure-active-directory-msi-vm',
    });
    expect(first('mssql+pyodbc://id@h/db?Authentication=ActiveDirectoryDefault')).toMatchObject({
      type: 'azure-active-directory-default',
      clientId: 'id',
    });
    expect(first('mssql+pyodbc://u:p@h/db?Authentication=SqlPassword')).not.toHaveProperty('type');
  });

  it.each([
    ['mssql+pyodbc://u:geheim@h/db?Frobnicate=geheim', 'invalid connection option "frobnicate"'],
    ['mssql+pyodbc://u:geheim@h/db?Authentication=ActiveDirectoryPassword', 'is not supported'],
    ['mssql+pyodbc://u:geheim@h/db?Trusted_Connection=yes', 'Windows authentication'],
    ['mssql+pyodbc://h/db', 'names no user'],
    ['mssql+pyodbc://u:geheim@mydsn', 'names no database'],
    ['mssql+pyodbc://u:geheim@h/db?dsn=x', 'DSN'],
    ['mssql+turbodbc://u:geheim@h/db', 'mssql+turbodbc'],
    ['mssql+pyodbc://u:geheim@h/db?Encrypt=geheim', 'Encrypt'],
    ['mssql+pyodbc://u:geheim@h/db?LoginTimeout=geheim', 'whole number'],
    ['mssql+pyodbc://u:geheim@h/db?ApplicationIntent=ReadOnly', 'replica'],
    [odbc('Server=np:\\\\h\\pipe;Database=d;UID=u;PWD=geheim'), 'protocol "np:"'],
    [odbc('Server=h,99999;Database=d;UID=u;PWD=geheim'), 'port'],
    [odbc('Server=(localdb)\\v11;Database=d;UID=u;PWD=geheim'), 'LocalDB'],
    [odbc('Server=h;UID=u;PWD={geheim;Database=d'), 'cannot be read after uid'],
    [odbc('Server=h;UID=u;PWD={geheim}x;Database=d'), 'cannot be read after uid'],
    [odbc('geheim'), 'cannot be read'],
  ])('is refused with words, and never with the password: %s', (uri, words) => {
    const told = refusal(uri);
    expect(told).toContain(words);
    expect(told).not.toContain('geheim');
  });
});

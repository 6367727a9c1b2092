import { isIP } from 'node:net';
import { usageError } from '../../errors.js';
import type { Options } from './options.js';

/** Where to and as whom, with the settings Knex hands on to tedious. */
export interface Config {
  readonly server: string;
  readonly instance: string | null;
  readonly port: number | null;
  readonly database: string;
  readonly user: string | null;
  /** The ways to try, in order. */
  readonly attempts: readonly Record<string, unknown>[];
}

type Encrypt = 'no' | 'yes' | 'strict';

/** @throws exit 2 for what cannot be honoured; a password is never told */
export function configOf(options: Options): Config {
  const where = readServer(options.server ?? '', options.port);
  const login = readLogin(options);
  const whole = (text: string | undefined, name: string, otherwise: number): number => {
    if (text === undefined) return otherwise;
    if (/^\d+$/.test(text)) return Number(text);
    throw usageError(`the ${name} of the SQL Server URI is not a whole number`, 'correct it');
  };
  if (/^readonly$/i.test(options.intent ?? ''))
    throw usageError(
      'ApplicationIntent=ReadOnly asks for a replica, which cannot be upgraded',
      'leave it out',
    );
  const settings = {
    server: where.server,
    ...login.settings,
    database: options.database,
    options: {
      appName: options.app ?? 'mltrack',
      // A run-time error ends the transaction: the upgrade is all or nothing.
      abortTransactionOnError: true,
      requestTimeout: 0,
      connectTimeout: whole(options.timeout, 'login timeout', 15) * 1000 || 15_000,
      useUTC: true,
      ...(where.instance ? { instanceName: where.instance } : { port: where.port ?? 1433 }),
      ...(options.workstation ? { workstationId: options.workstation } : {}),
      ...(options.packetSize ? { packetSize: whole(options.packetSize, 'packet size', 4096) } : {}),
      ...(isYes(options.multiSubnet) ? { multiSubnetFailover: true } : {}),
    },
  };
  const named = options.hostInCertificate ? { serverName: options.hostInCertificate } : {};
  // Where no certificate is looked at any name will do; an IP address is none (RFC 6066), and Node would say so.
  const anyName = isIP(where.server) ? { serverName: 'localhost' } : {};
  const tls = (more: { encrypt: boolean | 'strict'; trustServerCertificate?: boolean }) => ({
    ...settings,
    options: { ...settings.options, ...(more.trustServerCertificate ? anyName : {}), ...named, ...more },
  });
  return {
    ...where,
    database: options.database ?? '',
    user: login.user,
    attempts: {
      // Where TLS is not asked for it still hides the password; its certificate is then not looked at.
      no: [tls({ encrypt: true, trustServerCertificate: true }), tls({ encrypt: false })],
      yes: [tls({ encrypt: true, trustServerCertificate: isYes(options.trust) })],
      strict: [tls({ encrypt: 'strict', trustServerCertificate: false })],
    }[encryption(options)],
  };
}

/** ODBC Driver 18 encrypts unless told otherwise, 17 and FreeTDS only when told. */
function encryption(options: Options): Encrypt {
  const text = (options.encrypt ?? (/\b1[89]\b/.test(options.driver ?? '') ? 'yes' : 'no')).toLowerCase();
  if (['yes', 'true', '1', 'mandatory'].includes(text)) return 'yes';
  if (['no', 'false', '0', 'optional'].includes(text)) return 'no';
  if (text === 'strict') return 'strict';
  throw usageError(
    'invalid value of Encrypt in the SQL Server URI',
    'one of: yes, no, strict, mandatory, optional',
  );
}

const isYes = (text: string | undefined): boolean => /^(yes|true|1)$/i.test(text ?? '');

/** `tcp:host\instance,port`: the protocol is TCP, a port makes the instance's name needless. */
function readServer(text: string, port: string | undefined) {
  const [, protocol = 'tcp', rest = ''] = /^(?:(tcp|np|lpc|admin|via):)?(.*)$/i.exec(text.trim()) ?? [];
  if (protocol.toLowerCase() !== 'tcp')
    throw usageError(
      `the protocol "${protocol}:" of the SQL Server URI works on Windows only`,
      'use TCP: Server=tcp:host,1433',
    );
  const [place = '', given] = rest.split(',', 2);
  const [host = '', instance] = place.trim().split('\\', 2);
  if (/^\(localdb\)$/i.test(host))
    throw usageError('LocalDB listens to named pipes only', 'name a server that listens to TCP');
  const number = (given ?? port)?.trim();
  if (number !== undefined && !(/^\d+$/.test(number) && Number(number) >= 1 && Number(number) <= 65_535))
    throw usageError('the port in the SQL Server URI is not a number between 1 and 65535', 'correct it');
  const named = instance !== undefined && instance !== '' && !/^mssqlserver$/i.test(instance);
  return {
    server: ['', '.', '(local)'].includes(host.toLowerCase())
      ? 'localhost'
      : host.replace(/^\[(.*)\]$/, '$1'),
    instance: named && number === undefined ? instance : null,
    port: number === undefined ? null : Number(number),
  };
}

/** The Entra ID ways that need no secret in the URI; the others carry one that tedious takes in another form. */
const entra: Readonly<Record<string, string>> = {
  activedirectorymsi: 'azure-active-directory-msi-vm',
  activedirectorymanagedidentity: 'azure-active-directory-msi-vm',
  activedirectorydefault: 'azure-active-directory-default',
};

function readLogin(options: Options): { user: string | null; settings: Record<string, unknown> } {
  const { user, password, authentication = '' } = options;
  const kind = authentication.toLowerCase();
  const type = entra[kind];
  if (type) return { user: user ?? null, settings: { type, ...(user ? { clientId: user } : {}) } };
  if (kind !== '' && kind !== 'sqlpassword')
    throw usageError(
      `Authentication=${authentication} is not supported`,
      'a login with a password (leave Authentication out), or ActiveDirectoryDefault, which reads AZURE_CLIENT_ID, AZURE_TENANT_ID and AZURE_CLIENT_SECRET',
    );
  if (isYes(options.trusted) || user === undefined || user === '')
    throw usageError(
      user
        ? 'Trusted_Connection asks for Windows authentication, which mltrack does not speak'
        : 'the URI names no user; SQLAlchemy would then ask for Windows authentication, which mltrack does not speak',
      'name a login of the server: mssql+pyodbc://user:password@host:1433/database',
    );
  return { user, settings: { user, password: password ?? '' } };
}

import { unreachableError } from '../../errors.js';
import type { Config } from './config.js';
import { messagesOf } from './requests.js';

/** What went wrong when connecting, in words, with the next step. tedious tells neither the password nor the login packet. */
export function explain(error: unknown, config: Config, place: string): Error {
  if (!(error instanceof Error))
    return unreachableError(`cannot connect to ${place}`, error, 'check the URI and the server');
  const text = textOf(error);
  const found = known(config, place).find(([pattern]) => pattern.test(text));
  if (found) return unreachableError(`cannot connect: ${found[1]}`, error, found[2]);
  return unreachableError(
    `cannot connect to ${place}: ${error.message}`,
    error,
    'check the URI and the server, or use --wait 60s',
  );
}

/** The messages of an error and of what caused it, with codes and numbers. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const { code = '' } = error as { code?: string };
  const told = messagesOf(error).map(({ number, message }) => `${number} ${message}`);
  return `${code} ${told.join(' ')} ${textOf(error.cause)}`;
}

function known({ server, instance, user, database }: Config, place: string): [RegExp, string, string][] {
  return [
    [
      /EINSTLOOKUP/,
      `the instance "${instance}" is not known at ${server}, or its SQL Server Browser does not answer on UDP port 1434`,
      'start the SQL Server Browser, or write the port instead: host:1433',
    ],
    [/ENOTFOUND/, `the host "${server}" is not known`, 'check its spelling and the name server'],
    [
      /EAI_AGAIN/,
      `the host "${server}" could not be looked up just now`,
      'check the name server, or use --wait 60s',
    ],
    [
      /ECONNREFUSED/,
      `nothing listens at ${place}`,
      'is the server up, does it listen to TCP, and are host and port right?',
    ],
    [/EHOSTUNREACH|ENETUNREACH/, `no way to the host "${server}"`, 'check the network and the firewall'],
    [
      /40613|not currently available/,
      `the database "${database}" is paused or moving`,
      'it is being woken: use --wait 120s',
    ],
    [
      /40615|not allowed to access the server/,
      `the firewall of ${server} does not let this machine in`,
      'add its address to the firewall of the Azure SQL server',
    ],
    [
      /4060|Cannot open database/,
      `the database "${database}" does not exist, or ${user} may not use it`,
      `CREATE DATABASE [${database}], or CREATE USER in it`,
    ],
    [
      /18456|Login failed/,
      `the server refuses ${user}: the password is wrong, or the login does not exist`,
      'special characters in a URI are written %XX; or use --password-file',
    ],
    [
      /EENCRYPT/,
      `${place} offers no TLS, which Encrypt asks for`,
      'give the server a certificate; where the network is trusted, Encrypt=no does without',
    ],
    [/ETIMEOUT|ETIMEDOUT/, `${place} does not answer`, 'check the network and the firewall'],
    [
      /certificate|self.signed|ERR_TLS|altname/i,
      `no TLS with the server: ${place} has a certificate that cannot be verified`,
      'install its CA (NODE_EXTRA_CA_CERTS=/path/ca.pem); where the network is trusted, TrustServerCertificate=yes',
    ],
  ];
}

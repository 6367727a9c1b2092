import { unreachableError } from '../../errors.js';
import type { DatabaseUri } from '../uri.js';

/** What went wrong when connecting, in words, with the next step. */
export function explain(error: unknown, uri: DatabaseUri, place: string): Error {
  if (!(error instanceof Error))
    return unreachableError(`cannot connect to ${place}`, error, 'check the URI and the server');
  if ('exitCode' in error) return error;
  const { code = '', sqlMessage } = error as { code?: string; sqlMessage?: string };
  const host = uri.query.get('unix_socket') ?? uri.host ?? '127.0.0.1';
  const user = uri.username ?? 'the current user';
  const known: Record<string, [string, string]> = {
    ECONNREFUSED: [`nothing listens at ${place}`, 'is the server up, and are host and port right?'],
    ENOTFOUND: [`the host "${host}" is not known`, 'check its spelling and the name server'],
    EAI_AGAIN: [
      `the host "${host}" could not be looked up just now`,
      'check the name server, or use --wait 60s',
    ],
    ENOENT: [`no server socket at ${host}`, 'is the server up, and is ?unix_socket= the path of its socket?'],
    EHOSTUNREACH: [`no way to the host "${host}"`, 'check the network and the firewall'],
    ETIMEDOUT: [`${place} does not answer`, 'check the network and the firewall'],
    ER_ACCESS_DENIED_ERROR: [
      `the server refuses ${user}: the password is wrong or missing, or the user may not come from here`,
      'special characters in a URI are written %XX; or use --password-file',
    ],
    ER_DBACCESS_DENIED_ERROR: [
      `${user} may not use the database "${uri.database}"`,
      `GRANT ALL ON \`${uri.database}\`.* TO the user`,
    ],
    ER_BAD_DB_ERROR: [
      `the database "${uri.database}" does not exist`,
      `create it first: CREATE DATABASE \`${uri.database}\``,
    ],
    ER_HOST_NOT_PRIVILEGED: ['the server lets no user in from this host', 'create the user for this host'],
    ER_CON_COUNT_ERROR: [
      'the server has no connection slot left',
      'close some connections, or use --wait 60s',
    ],
    ER_USER_LIMIT_REACHED: [
      `${user} has reached its limit of connections`,
      'close some connections, or use --wait 60s',
    ],
    HANDSHAKE_NO_SSL_SUPPORT: [
      'the server does not speak TLS, which an ssl option asks for',
      'switch TLS on in the server; where the network is trusted, leave the ssl options out',
    ],
    HANDSHAKE_SSL_ERROR: [
      `no TLS with the server: ${error.message}`,
      'check ssl_ca, and whether the certificate names the host',
    ],
  };
  const found = known[code] ?? known[(error as { errors?: { code: string }[] }).errors?.[0]?.code ?? ''];
  if (found) return unreachableError(`cannot connect: ${found[0]}`, error, found[1]);
  return unreachableError(
    `cannot connect to ${place}: ${sqlMessage ?? error.message}`,
    error,
    'check the URI and the server, or use --wait 60s',
  );
}

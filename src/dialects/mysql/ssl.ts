import { readFileSync } from 'node:fs';
import { usageError } from '../../errors.js';
import type { DatabaseUri } from '../uri.js';

/** What mysql2 takes as `ssl`. */
export interface Ssl {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly ciphers?: string;
  readonly rejectUnauthorized: boolean;
  readonly verifyIdentity: boolean;
}

/**
 * TLS as MLflow's driver PyMySQL does it: asked for by any `ssl_*` option of the URI or by MLflow's own variables
 * (mlflow/store/db/utils.py), with the server's certificate checked where a CA is named and its host name where
 * `ssl_verify_identity` says so.
 *
 * @throws exit 2 for a file that cannot be read
 */
export function sslOf(uri: DatabaseUri, env: NodeJS.ProcessEnv): Ssl | undefined {
  const option = (name: string): string | undefined => uri.query.get(name) || undefined;
  const mode = option('ssl_mode')?.toUpperCase() ?? '';
  if (isTrue(option('ssl_disabled')) || mode === 'DISABLED') return undefined;
  const paths = {
    ca: option('ssl_ca') ?? env.MLFLOW_MYSQL_SSL_CA,
    cert: option('ssl_cert') ?? env.MLFLOW_MYSQL_SSL_CERT,
    key: option('ssl_key') ?? env.MLFLOW_MYSQL_SSL_KEY,
  };
  const asked = [...uri.query.keys()].some((name) => name === 'ssl' || name.startsWith('ssl_'));
  if (!asked && !paths.ca && !paths.cert && !paths.key) return undefined;
  const ciphers = option('ssl_cipher');
  const verify = option('ssl_verify_cert');
  return {
    ...(paths.ca ? { ca: read('ssl_ca', paths.ca) } : {}),
    ...(paths.cert ? { cert: read('ssl_cert', paths.cert) } : {}),
    ...(paths.key ? { key: read('ssl_key', paths.key) } : {}),
    ...(ciphers ? { ciphers } : {}),
    rejectUnauthorized:
      verify === undefined ? paths.ca !== undefined || mode.startsWith('VERIFY') : isTrue(verify),
    verifyIdentity:
      mode === 'VERIFY_IDENTITY' ||
      isTrue(option('ssl_verify_identity')) ||
      isTrue(option('ssl_check_hostname')),
  };
}

export const isTrue = (text: string | undefined): boolean => /^(1|true|yes|on|required)$/i.test(text ?? '');

function read(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw usageError(`the file that ${name} names cannot be read: ${path}`, 'check its path, owner and mode');
  }
}

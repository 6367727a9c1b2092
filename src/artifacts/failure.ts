import { ExitCode, MltrackError } from '../errors.js';

/**
 * Why artifacts could not be read or removed:
 * `refused` by a guard; `unsupported` scheme or setting; `package` an SDK that is not installed; `bucket` missing;
 * `denied` 401, 403, file rights; `unreachable` after all tries; `failed` anything else the store said.
 */
export type FailureKind =
  | 'refused'
  | 'unsupported'
  | 'package'
  | 'bucket'
  | 'denied'
  | 'unreachable'
  | 'failed';

/** One item's artifacts could not be dealt with: the item is kept, the rest goes on, exit 8. */
export class ArtifactError extends MltrackError {
  readonly kind: FailureKind;
  /** The location, without credentials. */
  readonly uri: string;

  constructor(kind: FailureKind, uri: string, message: string, ...hints: string[]) {
    super(ExitCode.partial, message, { hints });
    this.name = 'ArtifactError';
    this.kind = kind;
    this.uri = uri;
  }
}

/** A guard's no. */
export const refused = (uri: string, why: string, ...hints: string[]): ArtifactError =>
  new ArtifactError('refused', uri, `refused to touch the artifacts at ${shown(uri)}: ${why}`, ...hints);

/** A URI fit to be shown: user names, passwords, queries and control characters gone. */
export function shown(uri: string): string {
  // A password with a slash in it, which is no URL any more: all up to the last @ goes.
  const whole = /^https?:\/\/[^/@]*:(?!\d*\/)[^@]*\/.*@/i.test(uri) ? uri.replace(/\/\/.*@/, '//') : uri;
  const bare = whole.replace(/^([a-z][a-z0-9+.-]*:\/\/)([^/]*)/i, (_, scheme: string, host: string) =>
    // The part before the @ of an Azure URI is the container, not a user.
    /^(wasbs?|abfss?):/i.test(scheme) ? `${scheme}${host}` : `${scheme}${host.replace(/^.*@/, '')}`,
  );
  const end = /^[a-z][a-z0-9+.-]*:/i.test(bare) ? bare.search(/[?#]/) : -1;
  return [...(end < 0 ? bare : `${bare.slice(0, end)}…`)]
    .map((letter) => (letter < ' ' || letter === '\u007f' ? '\ufffd' : letter))
    .join('');
}

/** Environment variables whose values must not show up in a store's error message. */
const secrets = [
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AZURE_STORAGE_CONNECTION_STRING',
  'AZURE_STORAGE_ACCESS_KEY',
  'AZURE_STORAGE_SAS_TOKEN',
  'AZURE_CLIENT_SECRET',
  'MLFLOW_TRACKING_PASSWORD',
  'MLFLOW_TRACKING_TOKEN',
];

/** A store's own words, short and without secrets: signatures, user infos, and any secret of the environment. */
export function clean(text: string, env: Readonly<Record<string, string | undefined>>): string {
  let out = text;
  for (const name of secrets) {
    const value = env[name];
    if (value && value.length > 3) out = out.replaceAll(value, '***');
  }
  return out
    .replace(/\b(sig|signature|token|password|accountkey|x-amz-[a-z-]+)=[^&\s"';]+/gi, '$1=***')
    .replace(/\b(Basic|Bearer|SharedKey|AWS4-HMAC-SHA256)\s+\S+/g, '$1 ***')
    .replace(/:\/\/[^/@\s]+@/g, '://')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 300);
}

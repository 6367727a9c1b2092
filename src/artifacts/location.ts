import { resolve } from 'node:path';
import { refused } from './failure.js';
import { unquote } from './unquote.js';

/** A URI in its parts. MLflow takes them with Python's `urlparse`: no percent-decoding except of local paths. */
export interface Location {
  readonly uri: string;
  /** Lower case; empty for a plain path. */
  readonly scheme: string;
  readonly authority: string;
  /** As written. */
  readonly path: string;
}

/** @throws refused: a query or fragment, which MLflow cuts off, so that it would write elsewhere than the URI says */
export function parseLocation(uri: string): Location {
  if (uri.trim() === '') throw refused(uri, 'the location is empty');
  const match = /^([a-z][a-z0-9+.-]*):(?:\/\/([^/?#]*))?(.*)$/is.exec(uri);
  if (!match) return { uri, scheme: '', authority: '', path: uri };
  const [, scheme = '', authority = '', path = ''] = match;
  if (scheme.length === 1) throw refused(uri, 'it is a Windows path, and this is no Windows');
  if (/[?#]/.test(path)) throw refused(uri, 'a location with ? or # is cut there by MLflow');
  return { uri, scheme: scheme.toLowerCase(), authority, path };
}

/**
 * The absolute path of a plain path or a `file:` URI. MLflow percent-decodes both (`local_file_uri_to_path` in
 * mlflow/utils/file_utils.py ends in `url2pathname`) and ignores the host; another host than this one is refused here.
 */
export function localPath(location: Location, cwd: string): string {
  const { authority, path, uri } = location;
  if (authority !== '' && authority.toLowerCase() !== 'localhost' && authority !== '127.0.0.1')
    throw refused(uri, `its host ${authority} is not this machine`);
  if (path === '') throw refused(uri, 'the path is empty');
  // `\\\\server\\share\\1/…`, `.\\mlruns\\1/…`: to Linux the name of one file, to MLflow on Windows a directory.
  if (/^[^/]*\\/.test(path)) throw refused(uri, 'it is a Windows path, and this is no Windows');
  return resolve(cwd, unquote(path));
}

/** A local path as the URI that leads back to it. */
export const fileUri = (path: string): string =>
  `file://${path.split('/').map(encodeURIComponent).join('/')}`;

/** `container@account.blob.core.windows.net` in its parts; abfss names the same account by `dfs`. */
export function azureParts(location: Location): { container: string; account: string; suffix: string } {
  const match = /^([^@]+)@([a-z0-9]+)\.(?:blob|dfs)\.([a-z0-9.-]+)$/i.exec(location.authority);
  if (!match)
    throw refused(
      location.uri,
      `an Azure location is ${location.scheme}://container@account.blob.core.windows.net/path`,
    );
  const [, container = '', account = '', suffix = ''] = match;
  return { container, account: account.toLowerCase(), suffix: suffix.toLowerCase() };
}

/**
 * One spelling for one place, so that two locations can be compared: `wasbs` and `abfss` name the same blobs, `//`
 * and a last `/` say nothing.
 */
export function placeOf(location: Location, cwd: string): string {
  const tidy = (path: string): string => path.split('/').filter(Boolean).join('/');
  switch (location.scheme) {
    case '':
    case 'file':
      return `file:///${tidy(localPath(location, cwd))}`;
    case 'wasbs':
    case 'abfss': {
      const { account, container } = azureParts(location);
      return `azure://${container}@${account}/${tidy(location.path)}`;
    }
    default:
      return `${location.scheme}://${location.authority}/${tidy(location.path)}`;
  }
}

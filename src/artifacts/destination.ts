import { refused, shown } from './failure.js';
import { unsafePath } from './guard.js';
import { fileUri, type Location, localPath, parseLocation } from './location.js';
import type { ArtifactOptions, ArtifactStore } from './store.js';
import { fullyUnquoted } from './unquote.js';

/** Where MLflow's tracking server hands out artifacts. */
export const artifactsRoute = '/api/2.0/mlflow-artifacts/artifacts';

/** Whether a tracking server stands between the location and the files. */
export const isProxied = ({ scheme }: Location): boolean => /^(mlflow-artifacts|https?)$/.test(scheme);

/** The artifacts destination, if one is given. */
export const destinationOf = ({ artifactsDestination }: ArtifactOptions): readonly string[] =>
  artifactsDestination ? [artifactsDestination] : [];

/**
 * The part of a proxied location below the server's artifacts destination, as the server itself reads it
 * (`_get_proxied_run_artifact_destination_path` in mlflow/server/handlers.py; `validate_path_is_safe` decodes it).
 * @throws refused: not an address of the artifacts API, unsafe, or the destination itself
 */
export function proxiedPath(location: Location): string {
  const { path, scheme, uri } = location;
  let rest = path;
  if (scheme !== 'mlflow-artifacts') {
    const at = path.indexOf(`${artifactsRoute}/`);
    if (at < 0) throw refused(uri, `it is no address of a tracking server's ${artifactsRoute}`);
    rest = path.slice(at + artifactsRoute.length);
  } else if (path.startsWith(`${artifactsRoute}/`)) rest = path.slice(artifactsRoute.length);
  const why = unsafePath(rest);
  if (why) throw refused(uri, why);
  return (fullyUnquoted(rest) as string).split('/').filter(Boolean).join('/');
}

/** A proxied location as a location below the artifacts destination. */
export function below(destination: string, location: Location, cwd: string): Location {
  const root = parseLocation(destination);
  if (isProxied(root))
    throw refused(
      location.uri,
      `the artifacts destination ${shown(destination)} is itself behind a tracking server`,
    );
  const path = proxiedPath(location);
  // Both are percent-decoded once more where the location is a local one.
  const base =
    root.scheme === '' || root.scheme === 'file'
      ? fileUri(localPath(root, cwd)).replace(/\/+$/, '')
      : destination.replace(/\/+$/, '');
  const local = root.scheme === '' || root.scheme === 'file';
  return parseLocation(`${base}/${local ? path.split('/').map(encodeURIComponent).join('/') : path}`);
}

/** A store whose locations are written otherwise in the database than where they are. */
export const translating = (store: ArtifactStore, to: (uri: string) => string): ArtifactStore => ({
  measure: (uri, options) => store.measure(to(uri), options),
  list: (uri, options) => store.list(to(uri), options),
  children: (uri, options) => store.children(to(uri), options),
  remove: (uri, options) => store.remove(to(uri), options),
  close: () => store.close(),
});

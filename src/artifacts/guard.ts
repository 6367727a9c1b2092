import { refused } from './failure.js';
import { type Location, placeOf } from './location.js';
import { fullyUnquoted } from './unquote.js';

/**
 * What a path may not hold, however often it is percent-encoded; MLflow's `validate_path_is_safe` (mlflow/utils/uri.py)
 * refuses the same. A backslash counts as a separator: some stores take it as one.
 * @returns why not, or null
 */
export function unsafePath(path: string): string | null {
  const decoded = fullyUnquoted(path);
  if (decoded === null) return 'it is percent-encoded too often to be understood';
  for (const text of [path, decoded]) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
    if (/[\u0000-\u001f\u007f]/.test(text)) return 'it holds control characters';
    if (text.split(/[/\\]/).includes('..')) return 'it holds .., which leads out of it';
  }
  return null;
}

/**
 * The prefix that all keys of a location begin with. It ends with `/`, so that `foo` never means `foobar`.
 * @throws refused for a bucket's root or an unsafe path
 */
export function keyPrefix(location: Location): string {
  const why = unsafePath(location.path);
  if (why) throw refused(location.uri, why);
  const path = location.path.replace(/^\//, '').replace(/\/+$/, '');
  if (path.split('/').every((part) => part === '' || part === '.'))
    throw refused(location.uri, 'it is the root of a bucket');
  return `${path}/`;
}

/** Whether a listed key may be removed: below the prefix, and without a `..` that a server or a URL would resolve. */
export const mayRemove = (key: string, prefix: string): boolean =>
  prefix.length > 1 &&
  prefix.endsWith('/') &&
  key.startsWith(prefix) &&
  !key
    .slice(prefix.length)
    .split(/[/\\]/)
    .some((part) => part === '..' || part === '.');

/** Places that must survive, and all that hold them. */
export class Protected {
  private readonly exact = new Set<string>();
  private readonly holders = new Set<string>();

  constructor(places: Iterable<string>) {
    for (const place of places) this.add(place);
  }

  /** @param place as `placeOf` spells it */
  add(place: string): void {
    this.exact.add(place);
    for (const one of upwards(place)) this.holders.add(one);
  }

  /** @returns whether the place is protected itself or holds what is */
  has(place: string): boolean {
    return this.holders.has(place);
  }

  /** The nearest protected place that holds this one: the root an item lies in. */
  above(place: string): string | null {
    for (const one of upwards(place)) if (one !== place && this.exact.has(one)) return one;
    return null;
  }
}

/** The place itself and what holds it, up to its bucket or `file:///`. */
function* upwards(place: string): Iterable<string> {
  const root = place.indexOf('/', place.indexOf('://') + 3);
  let now = place;
  while (now.length > root + 1) {
    yield now;
    const cut = now.lastIndexOf('/');
    now = cut <= root ? now.slice(0, root + 1) : now.slice(0, cut);
  }
  yield place.slice(0, root + 1);
}

/**
 * The checks that need no look at the store.
 * @throws refused
 */
export function checkItem(location: Location, never: Protected, cwd: string, owner?: string): void {
  const why = unsafePath(location.path);
  if (why) throw refused(location.uri, why);
  const place = placeOf(location, cwd);
  if (never.has(place))
    throw refused(location.uri, 'it is, or holds, a place that must survive (an artifact root, a database)');
  if (owner !== undefined && !namesOwner(place, owner))
    throw refused(
      location.uri,
      `its path does not name ${owner}, so that MLflow did not make it for that`,
      'look at what lies there, and remove it by hand if it belongs to the item',
    );
}

/** Whether one part of the path is the id. */
export const namesOwner = (place: string, owner: string): boolean =>
  owner !== '' && place.split('/').slice(3).includes(owner);

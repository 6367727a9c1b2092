import { lstat, realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { packageFolder } from '../package-folder.js';
import type { Context } from './context.js';
import { refused } from './failure.js';
import { checkItem } from './guard.js';
import { fileUri, type Location, localPath, parseLocation, placeOf } from './location.js';

/** Directories of the system: no run's artifacts, whatever a database says. */
const system =
  /^\/(?:|bin|boot|data|dev|etc|home|lib|lib64|media|mnt|opt|proc|root|run|sbin|srv|sys|tmp|usr|var|Users|Applications|Library|System|Volumes|private)$/;
/** And nothing at all is removed below these. */
const never = /^\/(?:bin|boot|dev|etc|lib|lib64|proc|sbin|sys|usr\/(?:bin|lib|sbin))\//;

/**
 * Where an item's directory is, after all checks. Node cannot remove relative to an open directory, so somebody who may
 * write in the artifact root could swap a directory for a link between the check and the removal; who can do that
 * could remove the files himself.
 * @returns the path and its device, or null where nothing is there
 * @throws refused
 */
export async function localItem(
  location: Location,
  context: Context,
  owner?: string,
): Promise<{ readonly path: string; readonly device: number; readonly directory: boolean } | null> {
  const { uri } = location;
  checkItem(location, context.never, context.cwd, owner);
  const path = localPath(location, context.cwd);
  checkReach(path, uri, context.cwd);
  const root = context.never.above(placeOf(location, context.cwd));
  await checkLinks(path, root ? root.slice('file://'.length) : dirname(path), uri);
  const found = await lstat(path).catch(goneIsNull);
  if (!found) return null;
  // The same checks on what the path really is, where a directory above the root is a link.
  const real = await realpath(path).catch(goneIsNull);
  if (real === null) return null;
  if (real !== path) {
    checkReach(real, uri, context.cwd);
    checkItem({ ...parseLocation(fileUri(real)), uri }, context.never, '/');
  }
  return { path, device: found.dev, directory: found.isDirectory() };
}

function goneIsNull(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
  throw error;
}

/** @throws refused for roots, the home and the working directory and what holds them */
function checkReach(path: string, uri: string, cwd: string): void {
  if (system.test(path) || never.test(`${path}/`)) throw refused(uri, `${path} is a directory of the system`);
  if (path.split(sep).filter(Boolean).length < 2) throw refused(uri, `${path} lies directly below the root`);
  const own = packageFolder();
  for (const [kept, what] of [
    [homedir(), 'the home directory'],
    [cwd, 'the working directory'],
    [own, 'mltrack itself'],
  ] as const)
    if (`${kept}/`.startsWith(`${path}/`)) throw refused(uri, `${path} is or holds ${what}`);
}

/** @throws refused where the item, or a directory between it and its root, is a symbolic link */
async function checkLinks(path: string, root: string, uri: string): Promise<void> {
  let now = root;
  for (const part of path.slice(root.length).split(sep).filter(Boolean)) {
    now = join(now, part);
    const found = await lstat(now).catch(() => null);
    if (found?.isSymbolicLink())
      throw refused(
        uri,
        `${now} is a symbolic link`,
        'remove by hand what it points to, if it is the item’s',
      );
  }
}

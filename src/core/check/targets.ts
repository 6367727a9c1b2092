import { isAbsolute, relative, resolve } from 'node:path';
import type { DatabaseUri } from '../../dialects/index.js';
import { redact } from '../../dialects/uri.js';
import { MltrackError, usageError } from '../../errors.js';
import { databaseUri } from '../connection.js';
import type { Server } from '../guard.js';
import { findRelease, loadReleases } from '../releases.js';
import type { Stop } from '../stop.js';
import type { Config, ConfigEntry } from './config.js';
import type { FailOn, Strictness } from './exit.js';
import type { Ignores } from './ignores.js';

/** Where a config file names a database. */
export interface Origin {
  readonly file: string;
  readonly line: number;
}

/** One database to check, and how. */
export interface Target {
  readonly name: string | null;
  readonly uri: DatabaseUri;
  /** The URI without its password. */
  readonly database: string;
  readonly server: Server | null;
  readonly requireHead: boolean;
  readonly rows: boolean;
  readonly ignores: Ignores | null;
  readonly origin: Origin | null;
}

/** What a command line says of the databases; it goes before the config file. */
export interface TargetOptions {
  readonly config?: string;
  readonly ignore?: string;
  readonly for?: string;
  readonly requireHead?: true;
  readonly rows?: true;
  readonly failOn?: FailOn;
  readonly requireComplete?: true;
  readonly passwordFile?: string;
  readonly passwordStdin?: true;
}

export interface Targets extends Strictness {
  readonly targets: readonly Target[];
}

/**
 * Reads everything that a check needs before the first database is connected to: files, variables, URIs, passwords.
 *
 * @throws exit 2
 */
export async function targetsOf(
  uris: readonly (string | DatabaseUri)[],
  options: TargetOptions,
  env: NodeJS.ProcessEnv,
  stop: Stop,
): Promise<Targets> {
  if (options.config && uris.length > 0)
    throw usageError(
      'a database is named on the command line, and --config names others',
      'leave one of them out',
    );
  const config = options.config ? await loadConfig(options.config, env) : null;
  const count = config?.databases.length ?? uris.length;
  if (count > 1 && (options.passwordFile || options.passwordStdin))
    throw usageError(
      'there are several databases, and one password on the command line',
      'name a passwordFile for each of them in a --config file',
    );
  const releases = await loadReleases();
  const files = new Map<string, Promise<Ignores>>();
  const ignoresOf = (file: string | null | undefined): Promise<Ignores> | null => {
    if (!file) return null;
    const read = files.get(file) ?? loadIgnores(file);
    files.set(file, read);
    return read;
  };
  const targets: Target[] = [];
  for (const entry of config?.databases ?? (count > 0 ? uris : [undefined])) {
    const said = typeof entry === 'object' && !isTaken(entry) ? entry : null;
    const uri = await uriOf(entry, options, env, stop);
    const version = options.for ?? said?.for;
    targets.push({
      name: said?.name ?? null,
      uri,
      database: redact(uri),
      server: version
        ? {
            version: releaseOf(version, said),
            where: options.for ? 'named by --for' : 'named by the config file',
          }
        : null,
      requireHead: options.requireHead ?? said?.requireHead ?? false,
      rows: options.rows ?? said?.rows ?? false,
      ignores: await ignoresOf(options.ignore ?? said?.ignore),
      origin: said && { file: fromHere(said.file), line: said.line },
    });
  }
  return {
    targets,
    failOn: options.failOn ?? config?.failOn ?? 'warning',
    requireComplete: options.requireComplete ?? config?.requireComplete ?? false,
  };

  function releaseOf(version: string, said: ConfigEntry | null): string {
    try {
      return findRelease(releases, version);
    } catch (error) {
      throw options.for || !said ? error : within(error, said.where);
    }
  }
}

async function uriOf(
  entry: ConfigEntry | DatabaseUri | string | undefined,
  { passwordFile, passwordStdin }: TargetOptions,
  env: NodeJS.ProcessEnv,
  stop: Stop,
): Promise<DatabaseUri> {
  const said = { ...(passwordFile ? { passwordFile } : {}), ...(passwordStdin ? { passwordStdin } : {}) };
  if (typeof entry === 'object' && isTaken(entry)) return entry;
  if (typeof entry !== 'object') return databaseUri(entry, env, said, stop);
  const own = entry.passwordFile ? { passwordFile: entry.passwordFile } : said;
  try {
    return await databaseUri(entry.uri, {}, own, stop);
  } catch (error) {
    throw within(error, entry.where);
  }
}

/** A URI that was taken apart already. */
const isTaken = (entry: ConfigEntry | DatabaseUri): entry is DatabaseUri => 'dialect' in entry;

/** As CI servers name a file: by its path in the checkout, where it is in there. */
function fromHere(file: string): string {
  const path = relative('', resolve(file));
  return path.startsWith('..') || isAbsolute(path) ? file : path;
}

/** An error about an entry of a file says where the entry stands. */
function within(error: unknown, where: string): unknown {
  if (!(error instanceof MltrackError)) return error;
  return new MltrackError(error.exitCode, `${where}: ${error.message}`, { cause: error, hints: error.hints });
}

/** The readers of YAML are loaded when there is a file. */
const loadConfig = async (file: string, env: NodeJS.ProcessEnv): Promise<Config> =>
  (await import('./config.js')).readConfig(file, env);

const loadIgnores = async (file: string): Promise<Ignores> =>
  (await import('./ignore-file.js')).readIgnores(file);

import { dirname, relative, resolve } from 'node:path';
import { array, minLength, nonEmpty, optional, picklist, pipe, strictObject, string } from 'valibot';
import { usageError } from '../../errors.js';
import type { FailOn } from './exit.js';
import { flag, nameOf, readYamlFile } from './yaml-file.js';

const word = pipe(string(), nonEmpty('is empty'));

/** What can be said of one database, and of all of them at the top. */
const perDatabase = {
  for: optional(word),
  requireHead: optional(flag),
  rows: optional(flag),
  ignore: optional(word),
};

const schema = strictObject({
  databases: pipe(
    array(strictObject({ name: optional(word), uri: word, passwordFile: optional(word), ...perDatabase })),
    minLength(1, 'no database is listed'),
  ),
  ...perDatabase,
  failOn: optional(picklist(['error', 'warning', 'note'])),
  requireComplete: optional(flag),
});

const keys = [
  'keys at the top: databases, for, requireHead, rows, ignore, failOn, requireComplete',
  'keys of a database: name, uri, passwordFile, for, requireHead, rows, ignore',
];

/** One database of a config file; paths are seen from the current directory. */
export interface ConfigEntry {
  readonly name: string | null;
  /** With its variables put in. */
  readonly uri: string;
  readonly passwordFile: string | null;
  readonly for: string | null;
  readonly requireHead: boolean;
  readonly rows: boolean;
  readonly ignore: string | null;
  readonly file: string;
  readonly line: number;
  /** "checks.yml:7: databases[1].uri", for errors about it. */
  readonly where: string;
}

export interface Config {
  readonly databases: readonly ConfigEntry[];
  readonly failOn: FailOn | null;
  readonly requireComplete: boolean;
}

/** Reads a config file (docs/check.md). @throws exit 2, naming the file, the line and the key */
export async function readConfig(file: string, env: NodeJS.ProcessEnv): Promise<Config> {
  const { value, lineOf } = await readYamlFile(file, schema, keys);
  const beside = (path: string | undefined): string | null =>
    path === undefined ? null : relative('', resolve(dirname(file), path));
  const databases = value.databases.map((entry, i): ConfigEntry => {
    const path = ['databases', i, 'uri'];
    const line = lineOf(path);
    const where = `${file}:${line}: ${nameOf(path)}`;
    return {
      name: entry.name ?? null,
      uri: withVariables(entry.uri, env, where),
      passwordFile: beside(entry.passwordFile),
      for: entry.for ?? value.for ?? null,
      requireHead: entry.requireHead ?? value.requireHead ?? false,
      rows: entry.rows ?? value.rows ?? false,
      ignore: beside(entry.ignore ?? value.ignore),
      ...{ file, line, where },
    };
  });
  return { databases, failOn: value.failOn ?? null, requireComplete: value.requireComplete ?? false };
}

/** An empty variable is a missing one: that is what CI servers make of a secret that is not there. */
const withVariables = (text: string, env: NodeJS.ProcessEnv, where: string): string =>
  text.replace(/\$\{([^}]*)\}/g, (_, name: string) => {
    const value = env[name];
    if (value) return value;
    throw usageError(
      `${where}: the variable ${name} is not set, or empty`,
      `set ${name}, or write the value`,
    );
  });

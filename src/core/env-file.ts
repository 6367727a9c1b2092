import { readFileSync, statSync } from 'node:fs';
import { usageError } from '../errors.js';

/*
 * MLflow reads its file with python-dotenv, whose dialect is not that of npm's dotenv or of Node's `util.parseEnv`:
 * both end an unquoted value at any "#", also within a password, and neither fills in `${NAME}`. A file must mean one
 * database to MLflow and to mltrack, so it is read as python-dotenv reads it (dotenv/parser.py, variables.py, main.py).
 */
const binding = new RegExp(
  [
    String.raw`\s*(?:export[^\S\r\n]+|(?!export[^\S\r\n]))`,
    String.raw`(?:'(?<quotedKey>[^']+)'|(?!')(?<key>[^=#\s]+)|(?=#))`,
    String.raw`[^\S\r\n]*`,
    // A value in quotes may hold lines; one without them ends at the end of its line.
    String.raw`(?<equals>=(?:[^\S\r\n]+(?=#)|[^\S\r\n]*(?:'(?<single>(?:\\.|[^'\\])*)'|"(?<double>(?:\\.|[^"\\])*)"|(?<plain>(?![^\S\r\n]*['"])[^\r\n]*))))?`,
    String.raw`(?:[^\S\r\n]*#[^\r\n]*)?[^\S\r\n]*(?:\r\n|\n|\r|$)`,
  ].join(''),
  'suy',
);

const escapes: Readonly<Record<string, string>> = {
  ...{ a: '\u0007', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' },
};

/**
 * Takes `--env-file FILE` out of the words of a command line, wherever it stands before a `--`.
 *
 * @returns the other words, and the file; a last `--env-file` without a file stays, for Commander to refuse
 * @throws exit 2 where two are given: MLflow reads the last alone, and the other would be missed
 */
export function takeEnvFile(words: readonly string[]): { words: string[]; file: string | undefined } {
  const files: string[] = [];
  const rest: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    const next = words[i + 1];
    if (word === '--') {
      rest.push(...words.slice(i));
      break;
    }
    if (word.startsWith('--env-file=')) files.push(word.slice('--env-file='.length));
    else if (word === '--env-file' && next !== undefined) {
      files.push(next);
      i++;
    } else rest.push(word);
  }
  if (files.length > 1) throw usageError('--env-file is given twice', 'put both into one file');
  return { words: rest, file: files[0] };
}

/**
 * Sets the variables of a dotenv file that are not set yet, as `mlflow --env-file` does.
 *
 * Node looks at an `--env-file` behind the script too: it reads the file, throws away what it read, and ends with 9 in
 * words of its own where it cannot (nodejs/node#54232; 20 to 26 do). mltrack never sees a file that is not there, and
 * of a pipe there is nothing left to read: that is refused, as the command would run without its variables.
 *
 * @throws exit 2 for a file that cannot be read, or a line that is none: half a file might name another database
 */
export function loadEnvFile(file: string, env: NodeJS.ProcessEnv): void {
  for (const [name, value] of parseEnv(textOf(file), env, file))
    if (env[name] === undefined && value !== null) env[name] = value;
}

function textOf(file: string): string {
  try {
    if (statSync(file).isFile()) return readFileSync(file, 'utf8');
  } catch (cause) {
    throw usageError(
      `the environment file cannot be read: ${file} (${(cause as NodeJS.ErrnoException).code})`,
      'look at the path after --env-file',
    );
  }
  throw usageError(
    `the environment file is none: ${file} is a pipe, a directory or a device`,
    'write it to a file that only you may read; Node empties a pipe before mltrack can read it',
  );
}

/**
 * The variables of a dotenv file, `${NAME}` and `${NAME:-default}` filled in: from the environment first, then from
 * the lines above. null: a name without a value.
 *
 * @throws exit 2, with the line
 */
export function parseEnv(text: string, env: NodeJS.ProcessEnv, file: string): Map<string, string | null> {
  const found = new Map<string, string | null>();
  const content = text.replace(/^\uFEFF/, '');
  binding.lastIndex = 0;
  while (/\S/.test(content.slice(binding.lastIndex))) {
    const at = binding.lastIndex;
    const groups = binding.exec(content)?.groups;
    if (!groups) {
      const start = at + (/^\s*/.exec(content.slice(at))?.[0].length ?? 0);
      throw usageError(
        `line ${content.slice(0, start).split(/\r\n|\n|\r/).length} of the environment file ${file} cannot be read`,
        'write NAME=value; a value with a quote in it stands in quotes of the other kind',
      );
    }
    const key = groups.quotedKey ?? groups.key;
    if (key === undefined) continue;
    const value = valueIn(groups);
    found.set(key, value === null ? null : filled(value, found, env));
  }
  return found;
}

/** null: a name without "=". */
function valueIn({ equals, single, double, plain }: Record<string, string | undefined>): string | null {
  if (equals === undefined) return null;
  if (single !== undefined) return single.replace(/\\([\\'])/g, '$1');
  if (double !== undefined)
    return double.replace(/\\([\\'"abfnrtv])/g, (_, letter) => escapes[letter] ?? letter);
  return (plain ?? '').replace(/\s+#.*/, '').trimEnd();
}

const filled = (value: string, above: Map<string, string | null>, env: NodeJS.ProcessEnv): string =>
  value.replace(/\$\{([^}:]*)(?::-([^}]*))?\}/g, (_, name: string, otherwise: string | undefined) => {
    if (env[name] !== undefined) return env[name];
    return above.has(name) ? (above.get(name) ?? '') : (otherwise ?? '');
  });

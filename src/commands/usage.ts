import type { CommanderError, Option } from 'commander';
import { type MltrackError, usageError } from '../errors.js';
import { didYouMean, similar } from '../similar.js';

/** What other tools (Alembic, Flyway, Django, dbmate) call it. */
const otherWords: Readonly<Record<string, string>> = {
  ...{ migrate: 'db upgrade', up: 'db upgrade', update: 'db upgrade', apply: 'db upgrade' },
  ...{ rollback: 'db downgrade', down: 'db downgrade', undo: 'db downgrade' },
  ...{ current: 'db status', info: 'db status', version: 'db status' },
  ...{ validate: 'db check', verify: 'db check', drift: 'db check', lint: 'db check' },
  ...{ fix: 'db repair', heads: 'db history', log: 'db history', revisions: 'db history' },
  ...{ clean: 'gc', cleanup: 'gc', prune: 'gc', purge: 'gc', backup: 'backup-hint', dump: 'backup-hint' },
};

/** What other tools call an option, or people think it is called. */
const otherOptions: Readonly<Record<string, string>> = {
  ...{ '--force': '--yes', '--assume-yes': '--yes', '--no-input': '--yes', '--check': '--dry-run' },
  ...{ '--password': '--password-file or --password-stdin', '--target': '--to', '--revision': '--to' },
  ...{ '--timeout': '--wait, --lock-timeout or --statement-timeout', '--silent': '--quiet' },
};

/**
 * The refusal of a word that is no command, with the one that may be meant, wherever in the tree it is.
 *
 * @param names of commands, and of those below them
 */
export function unknownCommand(
  words: readonly string[],
  names: ReadonlyMap<string, readonly string[]>,
): Error {
  const [first = '', second = ''] = words;
  const [word, above] = names.has(first) ? [second, `${first} `] : [first, ''];
  const message = `unknown command '${word}'`;
  if (/:\/\//.test(word))
    return usageError(
      message,
      `a database stands behind the command: mltrack ${above || 'db '}upgrade <db_uri>`,
      'see mltrack --help',
    );
  const paths = [...names].flatMap(([name, below]) => [name, ...below.map((sub) => `${name} ${sub}`)]);
  const lastOf = (path: string): string => path.split(' ').at(-1) as string;
  const exact = paths.filter((path) => lastOf(path) === word.toLowerCase());
  const other = otherWords[word.toLowerCase()];
  // Those below the same command first: `db upgrad` means `db upgrade`.
  const ordered = [...paths].sort(
    (a, b) => Number(b.startsWith(above || '\0')) - Number(a.startsWith(above || '\0')),
  );
  const near = similar(word, ordered.map(lastOf)).map(
    (name) => ordered.find((path) => lastOf(path) === name) as string,
  );
  const found = exact.length > 0 ? exact : other !== undefined ? [other] : near;
  return usageError(message, ...didYouMean(found.map((path) => `mltrack ${path}`)), 'see mltrack --help');
}

/** Commander's "error: unknown option '--x'", with its suggestion on a second line, or a better one. @param options of the command that was called */
export function usageOf(
  { message }: CommanderError,
  words: readonly string[],
  options: readonly Option[],
): MltrackError {
  const [text = '', suggestion] = message.replace(/^error: /, '').split('\n');
  const called = words.findIndex((word) => !word.startsWith('-'));
  const path = ['mltrack', ...words.slice(Math.max(called, 0), called + (words[called] === 'db' ? 2 : 1))]
    .filter((word) => /^[a-z-]+$/.test(word) && !word.startsWith('-'))
    .join(' ');
  const see = `see ${path} --help`;
  const option = /^unknown option '(--?[\w-]+)/.exec(text)?.[1];
  if (option !== undefined) {
    if (called > 0 && words.slice(0, called).some((word) => word.split('=')[0] === option))
      return usageError(text, `options stand behind the command: ${path} ${option}`, see);
    const other = otherOptions[option];
    if (other !== undefined && options.some(({ long }) => long && other.includes(long)))
      return usageError(text, ...didYouMean([other]), see);
  }
  const [, value, choices] =
    /(?:argument|value) '(.*)' is invalid(?: for argument '.*')?\. Allowed choices are (.*)\.$/.exec(text) ??
    [];
  if (value !== undefined && choices !== undefined)
    return usageError(text, ...didYouMean(similar(value, choices.split(', '))), see);
  return usageError(text, ...(suggestion ? [suggestion.replace(/^\((.*)\)$/, '$1')] : []), see);
}

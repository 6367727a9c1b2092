import type { Command } from './backup.js';

/** A word of a POSIX shell. */
export const word = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

/** A command line of a POSIX shell. */
export function shellLine({ argv, env, stdin, stdout }: Command): string {
  const variables = Object.entries(env ?? {}).map(([name, value]) => `${name}=${word(value)}`);
  return [
    ...variables,
    ...argv.map(word),
    ...(stdin ? ['<', word(stdin)] : []),
    ...(stdout ? ['>', word(stdout)] : []),
  ].join(' ');
}

/** This moment as a part of a name: "20261125T163000Z". */
export const momentInName = (): string => new Date().toISOString().replace(/[-:]|\.\d+/g, '');

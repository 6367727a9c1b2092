import type { Command } from 'commander';
import { buildProgram } from './cli.js';
import { Stop } from './core/stop.js';
import { ExitCode } from './errors.js';
import { packageVersion } from './package-folder.js';
import { manPage, pageName } from './render/man.js';

/*
 * The man pages, from what the help is made of. The build runs this and writes them into dist/man
 * (rolldown.config.js); nothing of it is in the bundle.
 */

const environment = [
  ['MLFLOW_BACKEND_STORE_URI', 'the database, where no argument names one'],
  ['MLFLOW_TRACKING_URI', 'the same, where that is not set either'],
  ['MLTRACK_YES', '1: agree to everything that is asked, as --yes'],
  ['MLTRACK_CONFIRM', 'what --confirm names, parted by commas'],
  ['MLTRACK_REQUIRE_BACKUP', '1: refuse to upgrade without --backup'],
  ['NO_COLOR', 'not empty: no colours'],
  ['FORCE_COLOR', '1: colours also in pipes and files, where NO_COLOR is not set'],
  ['COLUMNS', 'how wide help is, 40 to 100'],
] as const;

const meanings = {
  done: 'done, or nothing to do',
  unexpected: 'unexpected failure',
  usage: 'bad usage or URI',
  drift: 'the schema is not as MLflow has it, or a repair left something, or two databases differ',
  behind: 'the database is behind the MLflow that is named',
  ahead: 'the schema is ahead, unknown or of another application',
  confirmation: 'a confirmation or a backup is needed; nothing was changed',
  locked: 'a lock was not obtained',
  partial: 'finished, but something stayed',
  unreachable: 'cannot connect',
  blocked: 'cannot proceed as things stand',
  interrupted: 'stopped by SIGINT',
  terminated: 'stopped by SIGTERM',
} satisfies Record<keyof typeof ExitCode, string>;

/** Every page: the name of its file, and its roff. */
export async function manPages(): Promise<{ file: string; roff: string }[]> {
  const program = await buildProgram(new Stop(), ['--help'], true);
  const shown = [program, ...program.commands.flatMap((command) => [command, ...command.commands])].filter(
    (command) => command.name() !== 'complete',
  );
  const names = shown.map(pageName);
  return shown.map((command) => ({
    file: `${pageName(command)}.1`,
    roff: manPage(command, {
      version: packageVersion(),
      shared: command.parent ? sharedOf(program) : [],
      sections: command.parent ? [] : [...whole()],
      seeAlso: seeAlso(command, names),
    }),
  }));
}

const sharedOf = (program: Command) => program.options.filter(({ long }) => long === '--env-file');

const whole = () =>
  [
    ['ENVIRONMENT', environment],
    [
      'EXIT STATUS',
      Object.entries(meanings).map(
        ([name, meaning]) => [String(ExitCode[name as keyof typeof ExitCode]), meaning] as const,
      ),
    ],
  ] as const;

/** The pages above and below, and beside it. */
function seeAlso(command: Command, names: readonly string[]): string[] {
  const own = pageName(command);
  if (!command.parent) return names.filter((name) => name !== own);
  const above = pageName(command.parent);
  const near = names.filter((name) => name.startsWith(`${above}-`) || name.startsWith(`${own}-`));
  return [...new Set(['mltrack', above, ...near])].filter((name) => name !== own);
}

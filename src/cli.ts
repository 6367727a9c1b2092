import { Command, CommanderError, type HelpConfiguration, type Option } from 'commander';
import type { Stop } from './core/stop.js';
import { ExitCode, usageError } from './errors.js';
import { packageVersion } from './package-folder.js';
import { group, withTexts } from './render/help-texts.js';

/** What a command is made of: it may end the work at a stop, and complete words by the tree of others. */
type Make = (stop: Stop, treeFor: (words: readonly string[]) => Promise<Command>) => Command;

/** A command's name, what it is for, and the file that holds it: read when it is called, so that the others cost no time. */
interface Entry {
  readonly name: string;
  readonly says: string;
  readonly load: () => Promise<Make>;
  readonly hidden?: true;
}

const ofDatabase: readonly Entry[] = [
  {
    name: 'plan',
    says: 'say what an upgrade would do, and what would be lost',
    load: async () => (await import('./commands/db-plan.js')).planCommand,
  },
  {
    name: 'upgrade',
    says: 'bring a database to the schema of MLflow 3.18',
    load: async () => (await import('./commands/db-upgrade.js')).upgradeCommand,
  },
  {
    name: 'downgrade',
    says: 'go back to an older schema, where no row is lost by it',
    load: async () => (await import('./commands/db-downgrade.js')).downgradeCommand,
  },
  {
    name: 'status',
    says: 'say where a database stands, and which MLflow starts on it',
    load: async () => (await import('./commands/db-status.js')).statusCommand,
  },
  {
    name: 'check',
    says: 'compare the schema with what MLflow has at its revision',
    load: async () => (await import('./commands/db-check.js')).checkCommand,
  },
  {
    name: 'repair',
    says: 'repair what db check finds, as far as no value is lost',
    load: async () => (await import('./commands/db-repair.js')).repairCommand,
  },
  {
    name: 'diff',
    says: 'say in what the schemas of two databases differ',
    load: async () => (await import('./commands/db-diff.js')).diffCommand,
  },
  {
    name: 'history',
    says: 'list the revisions of MLflow, and which cannot be undone',
    load: async () => (await import('./commands/db-history.js')).historyCommand,
  },
];

const others: readonly Entry[] = [
  {
    name: 'gc',
    says: 'delete for good what is deleted in MLflow',
    load: async () => (await import('./commands/gc.js')).gcCommand,
  },
  {
    name: 'backup-hint',
    says: 'print the commands that save, check and restore a database',
    load: async () => (await import('./commands/backup-hint.js')).backupHintCommand,
  },
  {
    name: 'completion',
    says: 'print a script that completes words in bash, zsh or fish',
    load: async () => (await import('./commands/completion.js')).completionCommand,
  },
  {
    name: 'complete',
    says: 'what the scripts of mltrack completion call',
    load: async () => (await import('./commands/complete.js')).completeCommand,
    hidden: true,
  },
];

const texts = {
  examples: [
    'mltrack db plan sqlite:///mlflow.db',
    'mltrack db upgrade sqlite:///mlflow.db --backup /backup/',
    'mltrack gc sqlite:///mlflow.db --older-than 30d --dry-run',
    'mltrack help db upgrade',
  ],
  exits: [],
  docs: ['docs/terminal.md'],
} as const;

const databaseTexts = {
  examples: [
    'mltrack db status sqlite:///mlflow.db',
    'mltrack db plan postgresql://mlflow@db.example/mlflow',
    'mltrack db upgrade sqlite:///mlflow.db --backup /backup/',
    'mltrack db check sqlite:///mlflow.db',
    'mltrack help db upgrade',
  ],
  exits: [],
  docs: ['docs/exit-codes.md'],
} as const;

/** The names of commands, and below `db` those of its own. */
const names: ReadonlyMap<string, readonly string[]> = new Map([
  ['db', ofDatabase.map(({ name }) => name)],
  ...others.filter(({ hidden }) => !hidden).map(({ name }): [string, string[]] => [name, []]),
]);

/**
 * Runs the words of a command line.
 *
 * @returns the exit code where nothing failed: 2 where only help could be printed, no command being given
 * @throws exit 2 and what commands throw; Commander's own errors never
 */
export async function runWords(given: readonly string[], stop: Stop): Promise<ExitCode> {
  const words = withoutHelpCommand(given);
  if (!isKnown(words)) throw (await import('./commands/usage.js')).unknownCommand(words, names);
  const program = await buildProgram(stop, words);
  try {
    await program.parseAsync([...words], { from: 'user' });
    return ExitCode.done;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return ExitCode.done;
    if (error.code !== 'commander.help')
      throw (await import('./commands/usage.js')).usageOf(error, words, optionsOf(program, words));
    // Commander has printed the help already.
    if (words.includes('--json')) throw usageError('no command', 'see mltrack --help');
    return ExitCode.usage;
  }
}

/**
 * The tree of commands; of the one that `words` call all of it, of the others name and purpose. Commander's own errors
 * are thrown, so that `main` alone prints them and ends the process.
 *
 * @param all of every command all of it: for the man pages
 */
export async function buildProgram(stop: Stop, words: readonly string[], all = false): Promise<Command> {
  const called = words.filter((word) => !word.startsWith('-'));
  const program = new Command('mltrack')
    .description(
      'Upgrades, checks and collects the database behind MLflow: one runner at a time, without Python.',
    )
    .version(packageVersion(), '-V, --version', 'print the version')
    .option('--env-file <file>', 'set variables from a dotenv file')
    .helpCommand('help [command...]', 'say how a command is used');
  const db = program
    .command('db')
    .description('work on the schema of a tracking database')
    .helpCommand(false);
  const treeFor = (own: readonly string[]): Promise<Command> => buildProgram(stop, own);
  const add = async (parent: Command, entries: readonly Entry[], word: string | undefined): Promise<void> => {
    for (const { name, says, load, hidden = false } of entries) {
      const whole = name === word || (all && !hidden);
      const command = whole ? (await load())(stop, treeFor) : new Command(name);
      parent.addCommand(command.description(says), { hidden });
    }
  };
  await add(db, ofDatabase, called[0] === 'db' ? called[1] : undefined);
  await add(program, others, called[0]);
  withTexts(program, texts);
  withTexts(db, databaseTexts);
  const style = await styleFor(words);
  for (const command of [program, ...program.commands, ...db.commands])
    command
      .exitOverride()
      .configureHelp(style)
      .optionsGroup(group.everyday)
      .helpOption(
        '-h, --help',
        isGroup(command) ? 'print this help' : 'print this help; -h: the most used of it',
      )
      .configureOutput({ outputError: () => undefined });
  return program;
}

/** `help db upgrade` and `db help upgrade` as `db upgrade --help`. */
function withoutHelpCommand(words: readonly string[]): readonly string[] {
  const [first, second, ...rest] = words;
  if (first === 'help') return [...words.slice(second === 'help' ? 2 : 1), '--help'];
  return first === 'db' && second === 'help' ? ['db', ...rest, '--help'] : words;
}

/** Whether no word stands where a command is expected and is none, also where help on it is asked for. */
function isKnown([first, second]: readonly string[]): boolean {
  if (first === undefined || first.startsWith('-') || first === 'complete') return true;
  const below = names.get(first);
  if (!below) return false;
  return below.length === 0 || second === undefined || second.startsWith('-') || below.includes(second);
}

/** How help is laid out: read only where some is printed, asked for or because no command is given. */
async function styleFor(words: readonly string[]): Promise<HelpConfiguration> {
  const [first, second] = words;
  const calls =
    first !== undefined && names.has(first) && (first !== 'db' || names.get(first)?.includes(second ?? ''));
  const asks = words.some((word) => word === '-h' || word === '--help');
  if (calls && !asks) return {};
  const { helpStyle } = await import('./render/help.js');
  return helpStyle({ brief: words.includes('-h') && !words.includes('--help'), env: process.env });
}

/** The options of the command that the words call. */
function optionsOf(program: Command, words: readonly string[]): readonly Option[] {
  const [first, second] = words.filter((word) => !word.startsWith('-'));
  const above = program.commands.find((one) => one.name() === first);
  return (above?.commands.find((one) => one.name() === second) ?? above)?.options ?? [];
}

const isGroup = ({ commands }: Command): boolean => commands.length > 0;

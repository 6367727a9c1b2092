import { Command } from 'commander';
import type { Stop } from './core/stop.js';
import { packageVersion } from './package-folder.js';

/** A command's name, what it is for, and the file that holds it: read when it is called, so that the others cost no time. */
interface Entry {
  readonly name: string;
  readonly says: string;
  readonly load: () => Promise<(stop: Stop) => Command>;
}

const ofDatabase: readonly Entry[] = [
  {
    name: 'plan',
    says: 'say what an upgrade would do: statements, locks, time, disk, what is lost',
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
    says: 'say where a database stands, how big it is, who uses it, and which MLflow starts on it',
    load: async () => (await import('./commands/db-status.js')).statusCommand,
  },
  {
    name: 'check',
    says: 'compare the schema with what MLflow has at its revision; only reads',
    load: async () => (await import('./commands/db-check.js')).checkCommand,
  },
  {
    name: 'repair',
    says: 'repair what db check finds, as far as no value is lost by it',
    load: async () => (await import('./commands/db-repair.js')).repairCommand,
  },
  {
    name: 'diff',
    says: 'say in what the schemas of two databases differ',
    load: async () => (await import('./commands/db-diff.js')).diffCommand,
  },
  {
    name: 'history',
    says: 'list the revisions of MLflow: release, date, title, irreversible or not, goes down or not',
    load: async () => (await import('./commands/db-history.js')).historyCommand,
  },
];

const others: readonly Entry[] = [
  {
    name: 'gc',
    says: 'delete for good what is deleted in MLflow: runs, experiments, logged models, jobs',
    load: async () => (await import('./commands/gc.js')).gcCommand,
  },
  {
    name: 'backup-hint',
    says: 'print the commands that back up, check and restore this very database',
    load: async () => (await import('./commands/backup-hint.js')).backupHintCommand,
  },
];

/**
 * The tree of commands; of the one that `argv` calls all of it, of the others name and purpose. Commander's own errors
 * are thrown, so that `main` alone prints them and ends the process.
 */
export async function buildProgram(stop: Stop, argv: readonly string[]): Promise<Command> {
  const called = argv.slice(2).filter((word) => !word.startsWith('-') && word !== 'help');
  const program = new Command('mltrack')
    .description(
      'Upgrades, checks and collects the database behind MLflow: one runner at a time, without Python.',
    )
    .version(packageVersion(), '-V, --version')
    .configureHelp({ showGlobalOptions: false })
    .showSuggestionAfterError(true);
  const db = program.command('db').description('work on the schema of a tracking database');
  const add = async (parent: Command, entries: readonly Entry[], word: string | undefined): Promise<void> => {
    for (const { name, says, load } of entries) {
      const command = name === word ? (await load())(stop) : new Command(name);
      parent.addCommand(command.description(says));
    }
  };
  await add(db, ofDatabase, called[0] === 'db' ? called[1] : undefined);
  await add(program, others, called[0]);
  for (const command of [program, ...program.commands, ...db.commands])
    command.exitOverride().configureOutput({ outputError: () => undefined });
  return program;
}

import { basename } from 'node:path';
import { type Command, Option } from 'commander';
import type { Question } from '../core/guard.js';
import type { Stop } from '../core/stop.js';
import type { DatabaseUri } from '../dialects/index.js';
import { usageError } from '../errors.js';
import { askForName, canAsk } from '../render/ask.js';
import { group } from '../render/help-texts.js';

/** How a user agrees to what cannot be undone. */
export interface AgreeingOptions {
  yes?: true;
  confirm?: string[];
  mlflowVersion?: string;
  quiet?: true;
  json?: true;
}

/** Adds `--yes` and `--confirm`, which may also come from the environment. */
export const withAgreeing = (command: Command): Command =>
  command
    .optionsGroup(group.everyday)
    .option('-y, --yes', 'agree to everything (or MLTRACK_YES=1)')
    .addOption(
      new Option('--confirm <what>', 'agree to one revision that cannot be undone (repeatable)')
        .argParser((text: string, before: string[] | undefined) => [...(before ?? []), ...split(text)])
        .env('MLTRACK_CONFIRM'),
    );

/** Adds `--mlflow-version`. @param under which heading */
export const withMlflowVersion = (command: Command, under: string = group.everyday): Command =>
  command
    .optionsGroup(under)
    .option('--mlflow-version <version>', 'the MLflow to run on it (default: that nearby)');

const split = (text: string): string[] => text.split(/[\s,]+/).filter((part) => part !== '');

/** The MLflow that a command line names, else the one installed nearby. */
export const serverOptions = ({ mlflowVersion }: { mlflowVersion?: string }) => ({
  mlflowVersion,
  mlflowNearby: true,
});

/** What `upgrade` and `downgrade` need to know about what is agreed to, and how to ask. */
export function agreement(options: AgreeingOptions, uri: Pick<DatabaseUri, 'database'>, stop: Stop) {
  const name = databaseName(uri);
  const ask = (questions: readonly Question[]) =>
    askForName(
      questions.map(({ meaning }) => meaning),
      name,
      stop,
    );
  return {
    // Commander takes any value of a variable for yes, `0` too.
    yes: options.yes ?? isSet('MLTRACK_YES'),
    confirm: options.confirm ?? [],
    ...(canAsk() && !options.json && !options.quiet ? { ask } : {}),
  };
}

/** Whether a variable says yes: 1, true, yes; anything else but nothing, 0, false and no is a mistake. @throws exit 2 */
export function isSet(name: string): boolean {
  const value = process.env[name] ?? '';
  if (/^(1|true|yes|y|on)$/i.test(value)) return true;
  if (/^(|0|false|no|n|off)$/i.test(value)) return false;
  throw usageError(`${name} is ${JSON.stringify(value)}, which is neither yes nor no`, 'write 1 or 0');
}

/** What a person calls the database: the name to type. */
const databaseName = (uri: Pick<DatabaseUri, 'database'>): string => basename(uri.database);

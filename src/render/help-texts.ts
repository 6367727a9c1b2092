import type { Command } from 'commander';

/** What a command's help and man page say beside its arguments and options. */
export interface HelpTexts {
  /** Paragraphs. */
  readonly notes?: readonly string[];
  /** Command lines that work as they stand. */
  readonly examples: readonly string[];
  /** Exit codes with their meaning here. */
  readonly exits: readonly (readonly [code: string, meaning: string])[];
  /** Further reading, beside `docs/exit-codes.md`. */
  readonly docs?: readonly string[];
}

/** Headings of options that several commands share, so that they are called the same everywhere. */
export const group = {
  everyday: 'Options:',
  before: 'Before it begins:',
  connection: 'Connection:',
  waiting: 'Waiting for others:',
  online: 'Beside a running server:',
  ahead: 'Ahead of the upgrade, while the old server runs:',
  script: 'As a script, to run by hand:',
} as const;

/** Exit codes that mean the same of several commands. */
export const exit = {
  done: ['0', 'done'],
  usage: ['2', 'usage'],
  ahead: ['5', "not MLflow's or too new"],
  confirmation: ['6', 'needs --yes'],
  locked: ['7', 'locked'],
  unreachable: ['9', 'cannot connect'],
  stopped: ['130/143', 'stopped by a signal'],
} as const;

const texts = new WeakMap<Command, HelpTexts>();

/** Gives a command its texts. */
export function withTexts(command: Command, own: HelpTexts): Command {
  texts.set(command, own);
  return command;
}

/** The texts of a command; undefined where it has none. */
export const textsOf = (command: Command): HelpTexts | undefined => texts.get(command);

/** "mltrack db upgrade". */
export const pathOf = (command: Command): string =>
  command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();

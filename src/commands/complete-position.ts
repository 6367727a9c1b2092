import type { Argument, Command, Option } from 'commander';
import type { Candidate, Wanted } from '../core/candidates.js';

/** Where the cursor stands in the tree of commands, and so what may be typed there. */
export async function positionIn(
  words: readonly string[],
  treeFor: (words: readonly string[]) => Promise<Command>,
): Promise<Wanted> {
  const before = words.slice(0, -1);
  const typed = words.at(-1) ?? '';
  const program = await treeFor(before.filter((_, i) => !isEnvFile(before[i - 1])));
  const { command, operands, given, open } = walk(program, before);
  if (open) return valueFor(open, typed);
  const [, name, value] = /^(--[\w-]+)=(.*)$/s.exec(typed) ?? [];
  const options = optionsOf(command, program);
  if (name !== undefined && value !== undefined) {
    const option = options.find(({ long }) => long === name);
    return option && takesValue(option) ? valueFor(option, value) : nothing(typed);
  }
  if (typed.startsWith('-')) return { words: optionWords(options, given), value: null, typed };
  if (command.commands.length > 0 && operands > 0) return nothing(typed);
  if (command.commands.length > 0) return { words: commandWords(command), value: null, typed };
  const { registeredArguments: list } = command;
  const argument = list[operands] ?? (list.at(-1)?.variadic ? list.at(-1) : undefined);
  return argument ? valueFor(argument, typed) : nothing(typed);
}

const isEnvFile = (word: string | undefined): boolean => word === '--env-file';
const nothing = (typed: string): Wanted => ({ words: [], value: null, typed });
const takesValue = ({ required, optional }: Option): boolean => required || optional;

interface Walked {
  readonly command: Command;
  /** How many arguments stand before the cursor. */
  readonly operands: number;
  readonly given: ReadonlySet<string>;
  /** The option whose value comes next. */
  readonly open: Option | undefined;
}

/** Goes down the tree as far as the words before the cursor go. */
function walk(program: Command, words: readonly string[]): Walked {
  let command = program;
  let operands = 0;
  let open: Option | undefined;
  const given = new Set<string>();
  for (const word of words) {
    if (open) {
      open = undefined;
    } else if (word.startsWith('-')) {
      const option = optionsOf(command, program).find(({ long, short }) => word === long || word === short);
      if (option) given.add(option.long ?? word);
      if (option && takesValue(option)) open = option;
    } else {
      const sub = command.commands.find((one) => one.name() === word);
      if (sub) command = sub;
      else if (!(command === program && word === 'help')) operands++;
    }
  }
  return { command, operands, given, open };
}

const optionsOf = (command: Command, program: Command): readonly Option[] => {
  const own = command.createHelp().visibleOptions(command);
  return command === program ? own : [...own, ...program.options.filter(({ long }) => long === '--env-file')];
};

/** Options that are not given yet, or may be given more than once. */
const optionWords = (options: readonly Option[], given: ReadonlySet<string>): Candidate[] =>
  [...new Map(options.map((option) => [option.long, option])).values()]
    .filter(({ long, parseArg }) => long && (parseArg || !given.has(long)))
    .map(({ long, description }) => ({ value: long as string, says: description }));

const commandWords = (command: Command): Candidate[] => [
  ...command.commands
    .filter((sub) => sub.name() !== 'complete')
    .map((sub) => ({ value: sub.name(), says: sub.description() })),
  ...(command.parent ? [] : [{ value: 'help', says: 'say how a command is used' }]),
];

/** The choices of an option or argument, or what its placeholder stands for. */
function valueFor(owner: Option | Argument, typed: string): Wanted {
  const words = (owner.argChoices ?? []).map((value) => ({ value }));
  const placeholder = 'flags' in owner ? /[<[]([\w-]+)/.exec(owner.flags)?.[1] : owner.name();
  return { words, value: words.length > 0 ? null : (placeholder ?? null), typed };
}

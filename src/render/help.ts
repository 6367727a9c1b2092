import { type Argument, type Command, Help, type HelpConfiguration, type Option } from 'commander';
import { group, pathOf, textsOf } from './help-texts.js';
import { linesOf } from './lines.js';

const [narrowest, widest, usual] = [40, 100, 80];

/** Columns that a description needs beside its option; where there are fewer, it goes below it. */
const leastBeside = 30;

/** What is shown of a command: with `-h` what one needs every day, with `--help` all. */
export interface HelpOptions {
  readonly brief: boolean;
  /** `COLUMNS` counts more than the terminal's own width, as with man and git. */
  readonly env: NodeJS.ProcessEnv;
}

/**
 * How help is laid out: as wide as the terminal, 40 to 100 columns, 80 in a pipe; headings bold where Commander finds
 * colours wanted (it takes them out again in pipes and with `NO_COLOR`).
 */
export function helpStyle({ brief, env }: HelpOptions): HelpConfiguration {
  let shown: Command | undefined;
  return {
    prepareContext({ helpWidth }) {
      const columns = /^[1-9]\d{0,4}$/.test(env.COLUMNS ?? '') ? Number(env.COLUMNS) : undefined;
      this.helpWidth = Math.min(Math.max(columns ?? helpWidth ?? usual, narrowest), widest);
      this.minWidthToWrap = 1;
    },
    styleTitle: (text) => `\u001b[1m${text}\u001b[22m`,
    optionDescription: describe,
    argumentDescription: describe,
    visibleOptions(command) {
      const own = Help.prototype.visibleOptions.call(this, command);
      const all = command.parent ? [...own, ...sharedOptions(command)] : own;
      return brief ? all.filter(isEveryday) : all;
    },
    visibleCommands(command) {
      const own = Help.prototype.visibleCommands.call(this, command);
      // The whole tree fits a screen: nobody has to ask for `mltrack db` first.
      return command.parent
        ? own.filter((sub) => sub.name() !== 'help')
        : own.flatMap((sub) => (sub.commands.length > 0 ? sub.commands : [sub]));
    },
    subcommandTerm: (command) =>
      shown?.parent || !command.parent ? command.name() : pathOf(command).replace(/^\S+ /, ''),
    formatItem(term, termWidth, description, helper) {
      const width = this.helpWidth ?? usual;
      if (width - termWidth - 4 >= leastBeside)
        return Help.prototype.formatItem.call(this, term, termWidth, description, helper);
      return [`  ${term}`, ...textLines(description, width, '      ')].join('\n');
    },
    formatHelp(command, helper) {
      shown = command;
      const width = this.helpWidth ?? usual;
      const title = (text: string): string => helper.styleTitle(text);
      const body = Help.prototype.formatHelp.call(this, command, helper).trimEnd();
      return `${[body, ...afterwards(command, brief, width, title)].join('\n\n')}\n`;
    },
  };
}

/** "how to print it (text, sh, json; default: text)", without the quotes of Commander. */
export function describe({ description, argChoices, ...own }: Option | Argument): string {
  const usualValue = own.defaultValueDescription ?? own.defaultValue;
  const more = [
    ...(argChoices ? [argChoices.join(', ')] : []),
    ...(usualValue === undefined ? [] : [`default: ${usualValue}`]),
    ...('envVar' in own && own.envVar ? [`env: ${own.envVar}`] : []),
  ];
  return more.length === 0 ? description : `${description} (${more.join('; ')})`;
}

/** Options of the whole program that each command takes too; `--version` is not asked of a command. */
const sharedOptions = (command: Command): readonly Option[] =>
  (command.parent?.parent ?? command.parent)?.options.filter(({ long }) => long !== '--version') ?? [];

const isEveryday = ({ helpGroupHeading }: Option): boolean =>
  helpGroupHeading === undefined || helpGroupHeading === group.everyday;

/** Notes, examples and exit codes, each a paragraph. */
function afterwards(
  command: Command,
  brief: boolean,
  width: number,
  title: (text: string) => string,
): string[] {
  const { notes = [], examples = [], exits = [], docs = [] } = textsOf(command) ?? {};
  const some = brief ? examples.slice(0, 2) : examples;
  const listed =
    some.length === 0
      ? []
      : [[title('Examples:'), ...some.flatMap((line) => exampleLines(line, width))].join('\n')];
  if (brief) return [...listed, `All options: ${pathOf(command)} --help`];
  const codes = exits.map(([code, meaning]) => `${code} ${meaning}`).join(', ');
  const reading = [...(exits.length > 0 ? ['docs/exit-codes.md'] : []), ...docs].join(', ');
  return [
    ...notes.map((text) => textLines(text, width, '').join('\n')),
    ...listed,
    ...(codes ? [[title('Exit codes:'), ...textLines(codes, width, '  ')].join('\n')] : []),
    ...(reading ? [textLines(`More: ${reading}`, width, '').join('\n')] : []),
  ];
}

/** A command line that is too long goes on in the next line, so that it can still be copied. */
export function exampleLines(line: string, width: number): string[] {
  // An option stays beside its value.
  const words = line.match(/--?[\w-]+ [^-\s>]\S*|> \S+|\S+/g) ?? [];
  const lines = linesOf(words, width - 2, ['  ', '      ']);
  return lines.map((text, i) => (i < lines.length - 1 ? `${text} \\` : text));
}

const textLines = (text: string, width: number, indent: string): string[] =>
  linesOf(text.split(' '), width, [indent, indent]);

import { type Argument, type Command, Help, type Option } from 'commander';
import { describe, exampleLines } from './help.js';
import { group, pathOf, textsOf } from './help-texts.js';

/** What a page says beside its command. */
export interface PageOptions {
  readonly version: string;
  /** Options of the whole program, which the page of a command lists too. */
  readonly shared: readonly Option[];
  /** Sections of the page, as a term and what it means: ENVIRONMENT, EXIT STATUS. */
  readonly sections?: readonly (readonly [title: string, rows: readonly (readonly [string, string])[]])[];
  /** Names of other pages. */
  readonly seeAlso: readonly string[];
}

/** Columns of an example: what is left of 80 beside man's margins. */
const exampleWidth = 70;

/** "mltrack-db-upgrade". */
export const pageName = (command: Command): string => pathOf(command).replaceAll(' ', '-');

/** The man page of a command as roff (man(7) macros alone), from what its help is made of. */
export function manPage(command: Command, { version, shared, sections = [], seeAlso }: PageOptions): string {
  const { notes = [], examples = [], exits = [], docs = [] } = textsOf(command) ?? {};
  const help = command.createHelp();
  const options = [...Help.prototype.visibleOptions.call(help, command), ...shared];
  const lines = [
    `.TH ${pageName(command).toUpperCase()} 1 "" "mltrack ${version}" "mltrack"`,
    // Nothing is stretched or hyphenated: options and paths are copied.
    ...['.nh', '.ad l'],
    ...['.SH NAME', `${text(pageName(command))} \\- ${text(command.description())}`],
    ...['.SH SYNOPSIS', `\\fB${text(pathOf(command))}\\fR ${text(command.usage())}`],
    ...['.SH DESCRIPTION', paragraph(sentence(command.description()))],
    ...notes.flatMap((note) => ['.PP', paragraph(note)]),
    ...listed('.SS "Arguments"', command.registeredArguments.map(argumentRow)),
    ...(command.commands.length > 0 ? listed('.SH COMMANDS', commandRows(command)) : []),
    ...(options.length > 0 ? ['.SH OPTIONS'] : []),
    ...[...grouped(options)].flatMap(([heading, some]) =>
      listed(heading === group.everyday ? null : `.SS "${heading.replace(/:$/, '')}"`, some.map(optionRow)),
    ),
    ...sections.flatMap(([title, rows]) =>
      listed(
        `.SH ${title}`,
        rows.map(([term, meaning]) => [text(term), meaning]),
      ),
    ),
    ...listed(
      '.SH EXIT STATUS',
      exits.map(([code, meaning]) => [code, meaning]),
    ),
    ...(examples.length > 0 ? ['.SH EXAMPLES', '.nf'] : []),
    ...examples.flatMap((line) => exampleLines(line, exampleWidth)).map((line) => text(line)),
    ...(examples.length > 0 ? ['.fi'] : []),
    '.SH SEE ALSO',
    `${[...seeAlso].map((name) => `\\fB${text(name)}\\fR(1)`).join(', ')}`,
    ...(docs.length > 0 ? ['.PP', paragraph(`In the repository of mltrack: ${docs.join(', ')}.`)] : []),
  ];
  return `${lines.join('\n')}\n`;
}

type Row = readonly [term: string, meaning: string];

const argumentRow = (argument: Argument): Row => [`\\fI${text(argument.name())}\\fR`, describe(argument)];
const optionRow = (option: Option): Row => [
  text(option.flags).replace(/(^|, )(\\-[\w\\-]+)/g, '$1\\fB$2\\fR'),
  describe(option),
];

const commandRows = (command: Command): Row[] =>
  command
    .createHelp()
    .visibleCommands(command)
    .flatMap((sub) => (sub.commands.length > 0 ? sub.commands : [sub]))
    .map((sub) => [`\\fB${text(pathOf(sub).replace(`${pathOf(command)} `, ''))}\\fR`, sub.description()]);

/** Options by their headings, in the order of their first. */
function grouped(options: readonly Option[]): Map<string, Option[]> {
  const groups = new Map<string, Option[]>();
  for (const option of options) {
    const heading = option.helpGroupHeading ?? group.everyday;
    groups.set(heading, [...(groups.get(heading) ?? []), option]);
  }
  return groups;
}

const listed = (heading: string | null, rows: readonly Row[]): string[] =>
  rows.length === 0
    ? []
    : [
        ...(heading === null ? [] : [heading]),
        ...rows.flatMap(([term, meaning]) => ['.TP', term, paragraph(meaning || '\\&')]),
      ];

const sentence = (words: string): string =>
  `${words.charAt(0).toUpperCase()}${words.slice(1).replace(/\.$/, '')}.`;

/** A line of text that roff fills; a dot or quote at its start would be a request. */
const paragraph = (words: string): string => text(words).replace(/^(?=[.'])/, '\\&');

/** What has another meaning in roff, or would be set as a typographer's sign. */
const signs: Readonly<Record<string, string>> = {
  ...{ '\\': '\\e', '-': '\\-', "'": '\\(aq', '`': '\\(ga', '^': '\\(ha', '~': '\\(ti', '"': '\\(dq' },
};
const text = (words: string): string => words.replace(/[\\\-'`^~"]/g, (sign) => signs[sign] ?? sign);

import { optionName } from '../core/option-name.js';
import { word } from '../dialects/shell.js';

/** Options by their name in Commander: a flag, a value, or several. */
type Options = Readonly<Record<string, unknown>>;

/** How a database is reached, which every command that follows needs as well. */
const reaching = ['passwordFile', 'passwordStdin'];

/**
 * The command line that goes on from this one, for a POSIX shell: the same database, and of the options those that
 * `keep` names. A password in a URI is left out; it comes from where the drivers look for one.
 *
 * @param command "db upgrade"
 * @param text the database as the user named it; undefined: by a variable, which is still set then
 * @param own what the command takes beside them
 */
export function nextLine(
  command: string,
  text: string | undefined,
  options: object,
  { keep = [], own = [] }: { readonly keep?: readonly string[]; readonly own?: readonly string[] } = {},
): string {
  const words = [
    ...['mltrack', ...command.split(' '), ...envFile(process.argv)],
    ...(text === undefined ? [] : [text]),
    ...[...reaching, ...keep].flatMap((name) => optionWords(name, (options as Options)[name])),
    ...own,
  ];
  return words.map((one) => word(withoutPassword(one))).join(' ');
}

function optionWords(name: string, value: unknown): string[] {
  const option = optionName(name);
  if (value === undefined || value === false) return [];
  if (value === true) return [option];
  if (Array.isArray(value)) return value.flatMap((one) => optionWords(name, one));
  // `--to -1` would be two options.
  return String(value).startsWith('-') ? [`${option}=${value}`] : [option, String(value)];
}

/** Variables that came out of a file must come out of it again. */
function envFile(argv: readonly string[]): string[] {
  const at = argv.findIndex((one) => one === '--env-file' || one.startsWith('--env-file='));
  if (at < 0) return [];
  return argv.slice(at, argv[at] === '--env-file' ? at + 2 : at + 1);
}

/** As the URI's parser takes it apart: whatever stands between the first ":" and the "@". */
const withoutPassword = (text: string): string =>
  text
    .replace(/^([\w+.-]+:\/\/[^:/@]*):[^@]*@/s, '$1@')
    .replace(/([?&])(?:password|pwd|odbc_connect)=[^&]*(&|$)/gi, (_, before: string, after: string) =>
      after === '' ? '' : before,
    );

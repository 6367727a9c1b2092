import { widthOf } from './columns.js';
import { linesOf } from './lines.js';

/** Longer lines of prose are hard to read. */
const prose = 100;
const narrowest = 40;

/**
 * How many columns a line may take: what COLUMNS says, else as wide as the terminal, and never more than `most`.
 * Into pipes and files lines are not broken, so that `grep` finds what stands in them.
 */
export function columns(
  env: NodeJS.ProcessEnv = process.env,
  terminal: { readonly isTTY?: boolean; readonly columns?: number } = process.stdout,
  most = prose,
): number {
  const said = Number(env.COLUMNS);
  const found = said > 0 ? said : terminal.isTTY ? (terminal.columns ?? 0) || 80 : Number.POSITIVE_INFINITY;
  return found === Number.POSITIVE_INFINITY ? found : Math.min(Math.max(Math.floor(found), narrowest), most);
}

/** The words of a text in lines that fit; those after the first are indented by `indent` spaces. */
export function wrapped(text: string, indent: number, width = columns()): string[] {
  const [lead = ''] = /^ */.exec(text) ?? [];
  const words = text.trim().split(' ');
  return linesOf(words, width, [lead, ' '.repeat(indent)], widthOf).map((line) => line.trimEnd());
}

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** README, SECURITY.md and everything below docs/, by their paths. */
export const pages: readonly string[] = [
  ...readdirSync(root).filter((name) => /^(README|SECURITY)\.md$/.test(name)),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
].sort();

export const textOf = (page: string): string => readFileSync(join(root, page), 'utf8');

export interface CommandLine {
  readonly page: string;
  /** Where it stands, from 1. */
  readonly number: number;
  readonly text: string;
  /** The exit code that the page promises: the comment `# exit 3` at its end, else 0. */
  readonly exit: number;
  /** What the page says that it prints; null where the block shows commands alone. */
  readonly prints: readonly string[] | null;
}

interface Fence {
  readonly language: string;
  /** The line of its first line of text, from 1. */
  readonly number: number;
  readonly lines: readonly string[];
}

/** The fenced blocks of a page. @throws where one is not closed */
export function fencesOf(text: string): Fence[] {
  const fences: Fence[] = [];
  let open: { language: string; number: number; lines: string[] } | null = null;
  for (const [i, line] of text.split('\n').entries()) {
    const mark = /^ *```(\w*)$/.exec(line);
    if (open && !mark) open.lines.push(line);
    else if (open) {
      fences.push(open);
      open = null;
    } else if (mark) open = { language: mark[1] ?? '', number: i + 2, lines: [] };
  }
  if (open) throw new Error(`the block before line ${open.number} is not closed`);
  return fences;
}

/** The command lines of a page, in their order. `\` at an end goes on in the next line. */
export function commandsOf(page: string, text = textOf(page)): CommandLine[] {
  return fencesOf(text).flatMap((fence) => {
    if (!['sh', 'bash', 'console'].includes(fence.language)) {
      const stray = fence.lines.find((line) => /^\$ |^(npx )?mltrack /.test(line));
      if (stray) throw new Error(`${page}: a command outside of sh and console: ${stray}`);
      return [];
    }
    const shown = fence.lines.some((line) => line.startsWith('$ '));
    return inBlock(page, fence, shown);
  });
}

function inBlock(page: string, { lines, number }: Fence, shown: boolean): CommandLine[] {
  const found: { number: number; text: string; prints: string[] }[] = [];
  let goesOn = false;
  for (const [i, line] of lines.entries()) {
    const last = found.at(-1);
    const said = line.replace(/^ +/, '');
    if (goesOn && last) last.text = `${last.text.slice(0, -1)}${said}`;
    else if (!shown && said !== '' && !said.startsWith('#'))
      found.push({ number: number + i, text: said, prints: [] });
    else if (line.startsWith('$ ')) found.push({ number: number + i, text: line.slice(2), prints: [] });
    else last?.prints.push(line);
    goesOn = (found.at(-1)?.text.endsWith('\\') && (goesOn || line.endsWith('\\'))) ?? false;
  }
  return found.map((one) => ({
    page,
    number: one.number,
    text: one.text.replace(/ +#.*$/, ''),
    exit: Number(/ # exit (\d+)\b/.exec(one.text)?.[1] ?? 0),
    prints: shown ? one.prints : null,
  }));
}

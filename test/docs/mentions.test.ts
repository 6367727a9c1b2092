import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildProgram } from '../../src/cli.js';
import { Stop } from '../../src/core/stop.js';
import { pages, root, textOf } from './pages.js';

const withoutBlocks = (text: string): string => text.replaceAll(/^```.*?^```/gms, '');

/** The name that GitHub gives a heading. */
const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');

const anchorsOf = (file: string): string[] =>
  [...withoutBlocks(readFileSync(file, 'utf8')).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    anchor(heading),
  );

const program = await buildProgram(new Stop(), [], true);

/** The options of the command that words name; null where there is no such command. */
function optionsOf(words: readonly string[]): Set<string | undefined> | null {
  let command = program;
  for (const word of words[0] === 'help' ? words.slice(1) : words) {
    const next = command.commands.find((one) => one.name() === word);
    if (!next) break;
    command = next;
  }
  if (command === program && /^[a-z]/.test(words[0] ?? '') && words.join(' ') !== 'help') return null;
  const options = [...command.options, ...program.options];
  return new Set([...options.flatMap(({ long, short }) => [long, short]), '--help', '-h']);
}

describe.each(pages)('%s', (page) => {
  const text = withoutBlocks(textOf(page));

  it('its links lead somewhere', () => {
    const targets = [...text.matchAll(/\]\(([^)\s]+)\)|\b(?:src|srcset|href)="([^"]+)"/g)]
      .map(([, link, attribute]) => (link ?? attribute) as string)
      .filter((target) => !/^[a-z]+:/.test(target));
    for (const target of targets) {
      const [path = '', name] = target.split('#');
      const file = path === '' ? join(root, page) : join(root, dirname(page), path);
      expect(existsSync(file), `${target} is not there`).toBe(true);
      if (name !== undefined) expect(anchorsOf(file), target).toContain(name);
    }
  });

  it('the commands and options in its sentences and tables are there', () => {
    for (const [, code = ''] of text.matchAll(/`(mltrack [^`]*[^`:])`/g)) {
      const words = (code.split(/ [|>#]/)[0] as string).split(' ').slice(1);
      const known = optionsOf(words);
      expect(known, `${code}: no such command`).not.toBeNull();
      for (const flag of words.filter((one) => /^--?[a-z]/.test(one)))
        expect([...(known as Set<string>)], code).toContain(flag.split('=')[0]);
    }
  });
});

/** Variables that the code names, by `env.NAME` or as a text of that form, without what its comments say. */
const variablesOfCode = (): Set<string> => {
  const code = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(root, 'src', name), 'utf8').replaceAll(/\/\*.*?\*\//gs, ''));
  const said = /\benv\??\.([A-Z][A-Z\d_]+)|'((?:MLFLOW|MLTRACK|AWS|AZURE)_[A-Z\d_]+|PG[A-Z]+)'/g;
  const taken = /\{([^{}]+)\} = process\.env/g;
  return new Set([
    ...code.flatMap((text) => [...text.matchAll(said)].map(([, dot, word]) => (dot ?? word) as string)),
    ...code.flatMap((text) =>
      [...text.matchAll(taken)].flatMap(([, names = '']) => names.trim().split(/, */)),
    ),
  ]);
};

it('docs/environment.md names every variable that the code reads', () => {
  const named = new Set(
    [...textOf('docs/environment.md').matchAll(/[A-Z][A-Z\d_]{3,}/g)].map(([name]) => name),
  );
  const read = variablesOfCode();
  expect(read.size).toBeGreaterThan(50);
  expect([...read].filter((name) => !named.has(name))).toEqual([]);
  const ours = [...named].filter((name) => name.startsWith('MLTRACK_'));
  expect(
    ours.filter((name) => !read.has(name)),
    'a variable of mltrack that nothing reads',
  ).toEqual([]);
});

it.each([
  ['docs/upgrade.md', 'db upgrade'],
  ['docs/gc.md', 'gc'],
])('%s names every option of %s', (page, command) => {
  const named = new Set([...textOf(page).matchAll(/--[a-z][a-z-]+/g)].map(([flag]) => flag));
  const general = ['--help', '--version'];
  const own = [...(optionsOf(command.split(' ')) ?? [])].filter((flag) => flag?.startsWith('--'));
  expect(own.length).toBeGreaterThan(10);
  expect(own.filter((flag) => !general.includes(flag as string) && !named.has(flag as string))).toEqual([]);
});

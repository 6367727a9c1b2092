import { stripVTControlCharacters } from 'node:util';
import type { Command } from 'commander';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { buildProgram } from '../../src/cli.js';
import { Stop } from '../../src/core/stop.js';
import { pathOf, textsOf } from '../../src/render/help-texts.js';
import { expectDone, mltrack } from '../support/cli.js';
import { canScript, onTerminal } from '../support/pseudo-terminal.js';

const tree = (flag: string) => buildProgram(new Stop(), [flag], true);
const flat = (program: Command): Command[] =>
  [program, ...program.commands.flatMap((command) => [command, ...command.commands])].filter(
    (command) => command.name() !== 'complete',
  );
const widthOf = (help: string): number => Math.max(...help.split('\n').map((line) => bare(line).length));
const bare = (text: string): string => stripVTControlCharacters(text);
const commands = flat(await tree('--help'));

afterEach(() => vi.unstubAllEnvs());

describe.each(commands.map((command) => [pathOf(command)]))('%s --help', (path) => {
  const helpAt = async (columns: string, flag = '--help'): Promise<string> => {
    vi.stubEnv('COLUMNS', columns);
    return flat(await tree(flag))
      .find((command) => pathOf(command) === path)!
      .helpInformation();
  };

  it('is no wider than the terminal, nor than 100 columns', async () => {
    expect(widthOf(await helpAt(''))).toBeLessThanOrEqual(80);
    expect(widthOf(await helpAt('60'))).toBeLessThanOrEqual(60);
    expect(widthOf(await helpAt('300'))).toBeLessThanOrEqual(100);
    expect(widthOf(await helpAt('100'))).toBeGreaterThanOrEqual(widthOf(await helpAt('60')));
  });

  it('fits a screen with -h, which says what there is more', async () => {
    const brief = await helpAt('', '-h');
    expect(brief.split('\n').length).toBeLessThanOrEqual(35);
    expect(brief).toContain(`All options: ${path} --help`);
  });

  it('names each option once, with examples', async () => {
    const help = bare(await helpAt(''));
    const command = commands.find((one) => pathOf(one) === path)!;
    for (const { flags } of command.options) expect(help.split(`\n  ${flags} `).length, flags).toBe(2);
    expect(help).toMatch(/\nExamples:\n {2}(mltrack|source) /);
  });
});

/** Command lines of the examples, without what the shell does with their output. */
const examples = commands
  .flatMap((command) => textsOf(command)?.examples ?? [])
  .map((line) => line.replace(/ > .*/, '').replace(/^source <\((.*)\)$/, '$1'));

describe('examples', () => {
  it.each([...new Set(examples)])('%s is a command line that mltrack takes', async (line) => {
    const [program, ...words] = line.split(' ');
    expect(program).toBe('mltrack');
    if (words[0] === 'help') return expectDone(await mltrack(words));
    const built = await buildProgram(new Stop(), words);
    const command = built.commands.flatMap((one) => [one, ...one.commands]);
    for (const one of command) one.action(() => undefined);
    await built.parseAsync(words, { from: 'user' });
  });
});

describe('help', () => {
  it('of a command is the same in three ways', async () => {
    const [one, ...others] = await Promise.all([
      mltrack(['db', 'upgrade', '--help']),
      mltrack(['help', 'db', 'upgrade']),
      mltrack(['db', 'help', 'upgrade']),
    ]);
    expectDone(one);
    expect(one.stdout).toMatch(/^Usage: mltrack db upgrade /);
    for (const other of others) expect(other).toEqual(one);
  });

  it('of the whole tree fits a screen, on standard error with 2 where no command is given', async () => {
    const [asked, bareRun, db] = await Promise.all([mltrack(['--help']), mltrack([]), mltrack(['db'])]);
    expect(asked.stdout.split('\n').length).toBeLessThanOrEqual(35);
    expect(asked.stdout).toMatch(/\n {2}db upgrade +bring/);
    expect(bareRun).toMatchObject({ code: 2, stdout: '', stderr: asked.stdout });
    expect(db).toMatchObject({ code: 2, stdout: '' });
    expect(db.stderr).toMatch(/^Usage: mltrack db /);
  });
});

describe('colours', () => {
  const code = '\u001b[';
  const lines = [['--help'], ['db', 'upgrad'], ['db', 'history']];

  // `mltrack` fails by itself where an escape code comes through a pipe.
  it.each(lines)('come through a pipe where FORCE_COLOR is set, and NO_COLOR is not: %j', async (...args) => {
    const words = args.flat();
    await expect(mltrack(words, { env: { FORCE_COLOR: '1' } })).rejects.toThrow(/an escape code was printed/);
    await mltrack(words, { env: { FORCE_COLOR: '1', NO_COLOR: '1' } });
    await mltrack(words);
  });

  it.runIf(canScript).each(lines)('are there on a terminal, not with NO_COLOR: %j', async (...args) => {
    const words = args.flat();
    expect((await onTerminal(words, '\0', null)).output).toContain(code);
    expect((await onTerminal(words, '\0', null, { NO_COLOR: '1' })).output).not.toContain(code);
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { dbUpgrade, expectDone, expectRefusal, mltrack, otherPassword } from '../support/cli.js';

const folder = mkdtempSync(join(tmpdir(), 'mltrack-'));
afterAll(() => rmSync(folder, { recursive: true }));
const uri = `sqlite:///${folder}/none.db`;

describe('bad usage ends with 2 and a way on', () => {
  it.each([
    [
      'a misspelt command',
      ['db', 'upgrad'],
      /unknown command 'upgrad'\n {2}→ Did you mean mltrack db upgrade\?/,
    ],
    ['a misspelt group', ['bd'], /unknown command 'bd'\n {2}→ Did you mean mltrack db\?/],
    [
      'a command of db without db',
      ['upgrade'],
      /unknown command 'upgrade'\n {2}→ Did you mean mltrack db upgrade\?/,
    ],
    ['a command that db has not', ['db', 'gc'], /unknown command 'gc'\n {2}→ Did you mean mltrack gc\?/],
    ['the word of another tool', ['migrate'], /Did you mean mltrack db upgrade\?/],
    ['the beginning of a command', ['db', 'hist'], /Did you mean mltrack db history\?/],
    ['a misspelt command with --help', ['help', 'db', 'chekc'], /Did you mean mltrack db check\?/],
    ['a database in the place of a command', ['sqlite:///x.db'], /a database stands behind the command/],
    ['a word like none', ['xyzzyplugh'], /unknown command 'xyzzyplugh'\n {2}→ see mltrack --help/],
    [
      'an option before the command',
      ['--quiet', 'db', 'check'],
      /behind the command: mltrack db check --quiet/,
    ],
    [
      'a misspelt choice',
      ['db', 'check', '--format', 'jsn'],
      /Allowed choices .*\n {2}→ Did you mean json\?/,
    ],
    ['a misspelt shell', ['completion', 'bsh'], /Did you mean .*bash/],
    ["another tool's option", ['db', 'upgrade', '--force'], /Did you mean --yes\?/],
    ['an option that this command has not', ['db', 'check', '--force'], /Did you mean --for\?/],
    ['no command', [], /Usage: mltrack/],
    ['a group alone', ['db'], /Usage: mltrack db/],
  ])('%s', async (_name, args, says) => {
    expectRefusal(await mltrack(args), 2, says);
  });

  it.each([
    [
      'a misspelt option',
      ['--lockwait', '1s'],
      /unknown option '--lockwait'\n {2}→ Did you mean --lock-wait\?/,
    ],
    ['a release with two digits swapped', ['--to', '3.81'], /not a release .*\n {2}→ Did you mean 3\.18\?/],
    ['a revision with a slip', ['--to', 'f4a9b2c7d1e7'], /Did you mean f4a9b2c7d1e6\?/],
    ['an option without its value', ['--to'], /option '--to <target>' argument missing/],
    ['two databases', [uri], /too many arguments/],
    ['a bare number of seconds', ['--wait', '60'], /--wait 60 is not a duration/],
    ['a negative duration', ['--lock-wait', '-1s'], /--lock-wait -1s is not a duration/],
    ['two sources of a password', ['--password-stdin', '--password-file', 'x'], /exclude each other/],
    [
      'a password file that is not there',
      ['--password-file', `${folder}/no`],
      /password file cannot be read: .*\/no/,
    ],
  ])('%s', async (_name, args, says) => {
    expectRefusal(await dbUpgrade([uri, ...args]), 2, says);
  });

  it.each([
    ['postgre://u:hunter2@h/d', /"postgre" is not .*\n {2}→ Did you mean postgres:\/\/ or postgresql:\/\/\?/],
    ['sqllite:///x.db', /Did you mean sqlite:\/\/\?/],
    ['pg://h/d', /Did you mean postgresql:\/\/\?/],
    ['sqlite:/x.db', /":\/\/" stands behind the name/],
    ['oracle://h/d', /"oracle" is not a database URI that mltrack knows\n {2}→ examples/],
  ])('knows what %s shall be', async (text, says) => {
    expectRefusal(await dbUpgrade([text]), 2, says);
  });

  it('says so as JSON too', async () => {
    const run = await dbUpgrade([uri, '--json', '--lockwait', '1s']);
    expect(run.code).toBe(2);
    expect(run.events).toEqual([
      {
        event: 'error',
        version: 1,
        exitCode: 2,
        message: "unknown option '--lockwait'",
        hints: ['Did you mean --lock-wait?', 'see mltrack db upgrade --help'],
      },
    ]);
  });

  it.each([
    ['an unknown option', ['db', 'upgrade', `--password=${otherPassword}`]],
    ['an unknown command', [`postgresql://u:${otherPassword}@h/d`]],
    ['an unknown subcommand', ['db', `postgresql://u:${otherPassword}@h/d`]],
    ['a target', ['db', 'upgrade', uri, '--to', `postgresql://u:${otherPassword}@h/d`]],
    ['a duration', ['db', 'upgrade', uri, '--wait', `postgresql://u:${otherPassword}@h/d`]],
  ])('prints no password that stands in the place of %s', async (_name, args) => {
    expect((await mltrack(args)).code).toBe(2);
    expect((await mltrack([...args, '--json'])).code).toBe(2);
  });
});

describe('help and version', () => {
  it.each([
    [['--help']],
    [['db', '--help']],
    [['db', 'upgrade', '--help']],
    [['db', 'upgrade', '-h', '--json']],
  ])('%j', async (args) => {
    const run = await mltrack(args);
    expectDone(run);
    expect(run.stdout).toMatch(/Usage: mltrack/);
    expect(run.stderr).toBe('');
  });

  it('prints its version', async () => {
    const run = await mltrack(['--version']);
    expectDone(run);
    expect(run.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

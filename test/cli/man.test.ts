import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { manPages } from '../../src/man.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const hasGroff = spawnSync('groff', ['--version']).status === 0;
if (!hasGroff) console.error('!!! no groff here: the look of the man pages is LEFT OUT');

const pages = await manPages();

/** Without bold, be it by escape codes or by striking a letter twice. */
const plain = (text: string): string =>
  stripVTControlCharacters(text)
    .split('\b')
    .map((part, i, all) => (i < all.length - 1 ? part.slice(0, -1) : part))
    .join('');

describe('man pages', () => {
  it('are those that the package names, and that the build has made', () => {
    const { man } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { man: string[] };
    expect(man.map((path) => path.replace('dist/man/', '')).sort()).toEqual(
      pages.map(({ file }) => file).sort(),
    );
    expect(readdirSync(`${root}dist/man`).sort()).toEqual(pages.map(({ file }) => file).sort());
    for (const { file, roff } of pages) expect(readFileSync(`${root}dist/man/${file}`, 'utf8')).toBe(roff);
  });

  it.runIf(hasGroff)('are set without a warning, in 80 columns, with every option', () => {
    for (const { file, roff } of pages) {
      const set = spawnSync('groff', ['-man', '-Tutf8', '-ww', '-rLL=78n'], {
        input: roff,
        encoding: 'utf8',
      });
      expect(set.stderr, file).toBe('');
      const lines = plain(set.stdout).split('\n');
      expect(Math.max(...lines.map((line) => line.length)), file).toBeLessThanOrEqual(80);
      for (const [, option] of roff.matchAll(/^\\fB\\-\\-([\w\\-]+)\\fR/gm))
        expect(plain(set.stdout), file).toContain(`--${option?.replaceAll('\\', '')}`);
    }
  });
});

describe('the page of an upgrade', () => {
  it('holds what the help holds', () => {
    const help = execFileSync(process.execPath, [`${root}bin/mltrack.js`, 'db', 'upgrade', '--help'], {
      encoding: 'utf8',
    });
    const roff = pages.find(({ file }) => file === 'mltrack-db-upgrade.1')?.roff.replaceAll('\\-', '-') ?? '';
    const options = [...help.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map((match) => match[1] as string);
    expect(options.length).toBeGreaterThan(20);
    for (const option of options) expect(roff).toContain(`\\fB${option}\\fR`);
  });
});
